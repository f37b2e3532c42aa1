/** Multilayer perceptrons: hidden layers as a trunk, with one linear head or two. */
import type { Backend } from '../engine/backend.ts';
import { checkOptions } from '../engine/borders.ts';
import type { Arena } from '../engine/optim/arena.ts';
import { type Block, block } from './blocks.ts';
import { type Activation, activations, linearLayer } from './layers.ts';
import { type DualHeadModel, type Model, type Trunk, withDualHead, withHead } from './model.ts';
import { ParameterBuilder, type Seeds } from './parameters.ts';

export interface MlpOptions {
  backend: Backend;
  inputs?: number | undefined;
  outputs?: number | undefined;
  /** Hidden layers from input to output; none makes a linear model. */
  widths: readonly number[];
  activation?: Activation | undefined;
  /**
   * A list makes one network a seed, all in the same tensors: weights (seeds, inputs, outputs), biases (seeds, outputs).
   * `forward` takes (seeds, rows, inputs), or (rows, inputs) for all alike, and each gives what it would alone.
   */
  seed?: Seeds | undefined;
  /** Where the parameters are to lie, beside those of other networks. */
  arena?: Arena | undefined;
}

export interface DualHeadOptions extends MlpOptions {
  /** Hidden layers of each head, as wide as the trunk's last. */
  headDepth?: number | undefined;
}

const TRUNK = 'backend inputs widths activation seed arena';

/** `inputs`-widths…-`outputs` with `trunk.0.weight`, `trunk.0.bias`, …, `label.0.weight`, `label.0.bias`. */
export function mlp(given: MlpOptions): Model {
  checkOptions('mlp', given, `${TRUNK} outputs`, true);
  const { outputs = 1, ...options } = given;
  return withHead(trunkOf('mlp', options, outputs), { outputs });
}

/**
 * An MLP trunk with a `label` head and a `teacher` head. The trunk and the label head have the same initial numbers as
 * `mlp` of the same seed and widths (for `headDepth` 0).
 */
export function dualHead(given: DualHeadOptions): DualHeadModel {
  checkOptions('dualHead', given, `${TRUNK} outputs headDepth`, true);
  const { outputs = 1, headDepth = 0, ...options } = given;
  return withDualHead(trunkOf('dualHead', options, outputs), { outputs, headDepth });
}

/** The hidden layers alone, for `withHead` and `withDualHead`. */
export function mlpTrunk(options: Omit<MlpOptions, 'outputs'>): Trunk {
  checkOptions('mlpTrunk', options, TRUNK, true);
  return trunkOf('mlpTrunk', options);
}

/** What messages call it is the function that was called; they show all its sizes, with the outputs. */
function trunkOf(
  name: string,
  { backend, inputs = 1, widths, activation = 'tanh', seed = 0, arena }: Omit<MlpOptions, 'outputs'>,
  outputs = 1,
): Trunk {
  checkNetwork(name, [inputs, ...listOf(name, widths), outputs], activation);
  const builder = new ParameterBuilder(name, backend, seed, { arena });
  const blocks: Block[] = [];
  let featureCount = inputs;
  for (const [i, width] of widths.entries()) {
    const name = `trunk.${i}`;
    blocks.push(block(name, linearLayer(builder, name, [featureCount, width], { activation })));
    featureCount = width;
  }
  return {
    builder,
    activation,
    featureCount,
    blocks,
  };
}

function listOf(model: string, widths: readonly number[]): readonly number[] {
  if (Array.isArray(widths)) return widths;
  throw new Error(`${model}: widths must be a list such as [100, 100], got ${String(widths)}`);
}

function checkNetwork(model: string, widths: readonly number[], activation: Activation): void {
  if (!activations.includes(activation)) {
    throw new Error(`${model}: unknown activation '${activation}'; there are ${activations.join(', ')}`);
  }
  const bad = widths.find((width) => !Number.isInteger(width) || width < 1);
  if (bad !== undefined)
    throw new Error(`${model}: ${widths.join('-')} has a width of ${bad}; wants integers of at least 1`);
}
