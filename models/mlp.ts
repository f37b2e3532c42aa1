/** Multilayer perceptrons: a trunk of hidden layers and a linear label head. */
import type { Backend } from '../engine/backend.ts';
import type { Tensor } from '../engine/tensor.ts';
import { type Activation, activations, linearLayer, ParameterBuilder } from './layers.ts';

/** A network with one output head. */
export interface Model {
  readonly parameters: Readonly<Record<string, Tensor>>;
  /** (…, rows, inputs) to (…, rows, outputs). */
  forward(x: Tensor): Tensor;
  /** Numbers in all parameters. */
  readonly parameterCount: number;
  /** Multiply-accumulates for one row. */
  readonly macs: number;
}

export interface MlpOptions {
  backend: Backend;
  inputs?: number;
  outputs?: number;
  /** Hidden layers from input to output; none makes a linear model. */
  widths: readonly number[];
  activation?: Activation;
  seed?: number;
}

/** `inputs`-widths…-`outputs` with `trunk.0.weight`, `trunk.0.bias`, …, `label.0.weight`, `label.0.bias`. */
export function mlp({
  backend,
  inputs = 1,
  outputs = 1,
  widths,
  activation = 'tanh',
  seed = 0,
}: MlpOptions): Model {
  checkNetwork('mlp', [inputs, ...listOf('mlp', widths), outputs], activation);
  const builder = new ParameterBuilder(backend, seed);
  const features = buildTrunk(builder, inputs, widths);
  builder.linear('label.0', features, outputs);
  const { parameters } = builder;
  return {
    parameters,
    forward: (x) => linearLayer(parameters, 'label.0', runTrunk(parameters, widths.length, x, activation)),
    ...sizes(parameters),
  };
}

export function buildTrunk(builder: ParameterBuilder, inputs: number, widths: readonly number[]): number {
  let features = inputs;
  for (const [i, width] of widths.entries()) {
    builder.linear(`trunk.${i}`, features, width);
    features = width;
  }
  return features;
}

export function runTrunk(
  parameters: Readonly<Record<string, Tensor>>,
  depth: number,
  x: Tensor,
  activation: Activation,
): Tensor {
  let features = x;
  for (let i = 0; i < depth; i++) features = linearLayer(parameters, `trunk.${i}`, features, activation);
  return features;
}

/** Parameters, and multiply-accumulates for one row of a network of linear layers. */
export function sizes(parameters: Readonly<Record<string, Tensor>>): {
  parameterCount: number;
  macs: number;
} {
  let parameterCount = 0;
  let macs = 0;
  for (const [name, { size }] of Object.entries(parameters)) {
    parameterCount += size;
    if (name.endsWith('.weight')) macs += size;
  }
  return { parameterCount, macs };
}

export function listOf(model: string, widths: readonly number[]): readonly number[] {
  if (Array.isArray(widths)) return widths;
  throw new Error(`${model}: widths must be a list such as [100, 100], got ${String(widths)}`);
}

export function checkNetwork(model: string, widths: readonly number[], activation: Activation): void {
  if (!activations.includes(activation)) {
    throw new Error(`${model}: unknown activation '${activation}'; there are ${activations.join(', ')}`);
  }
  const bad = widths.find((width) => !Number.isInteger(width) || width < 1);
  if (bad !== undefined)
    throw new Error(`${model}: ${widths.join('-')} has a width of ${bad}; wants integers of at least 1`);
}
