/** Layers: each makes its parameters when it is built, and computes when it is run. */
import { checkFunction, checkList, checkOptions, inWords } from '../engine/borders.ts';
import { layer } from '../engine/listener.ts';
import { elu, gelu, hardSwish, leakyRelu, silu, softplus } from '../engine/ops/pointwise/activations.ts';
import { type FusedActivation, linear } from '../engine/ops/matmul/matmul.ts';
import type { Shape } from '../engine/shape.ts';
import type { Tensor } from '../engine/tensor.ts';
import { type Activation, activations } from './activations.ts';
import { fanInUniform, type InitialOf, ParameterBuilder } from './parameters.ts';

/** Activations applied by the matmul itself, and those that are an op of their own. */
const separate = { gelu, softplus, silu, hardSwish, leakyRelu, elu } as const;

export { type Activation, activations };

export function checkBuilder(where: string, builder: ParameterBuilder): void {
  if (!(builder instanceof ParameterBuilder))
    throw new Error(`${where}: wants a ParameterBuilder first, got ${inWords(builder)}`);
}

/** What the batch at hand says of a layer's running statistics; its presence means training. */
export type Fresh = Record<string, { values: Tensor; factor: number }>;

/** A part of a network, whose parameters the builder has. */
export interface Layer {
  /** Of one sample that comes out, without the axis of the batch. */
  readonly shape: Shape;
  /** For a batch of samples. With `fresh` it is training, and statistics of the batch are put there. */
  run(x: Tensor, fresh?: Fresh): Tensor;
}

/** One layer after another. */
export function chain<L extends Layer>(layers: readonly L[]): Layer & { readonly shape: L['shape'] } {
  checkList('chain', 'layers', layers);
  if (layers.length === 0) throw new Error('chain: no layers');
  for (const [i, layer] of layers.entries()) checkFunction('chain', `layer ${i}’s run`, layer?.run);
  return {
    shape: layers.at(-1)!.shape,
    run: (x, fresh) => layers.reduce((y, layer) => layer.run(y, fresh), x),
  };
}

export interface LinearInitial {
  readonly weight: InitialOf;
  readonly bias: InitialOf;
}

export interface LinearOptions {
  activation?: Activation | undefined;
  initial?: LinearInitial | undefined;
}

/**
 * activation(x @ weight + bias) with `NAME.weight` (inputs, outputs) and `NAME.bias` (outputs), begun as PyTorch's
 * nn.Linear: in one dispatch for tanh, relu, sigmoid and identity, two for the others.
 */
export function linearLayer(
  builder: ParameterBuilder,
  name: string,
  sizes: readonly [inputs: number, outputs: number],
  options: LinearOptions = {},
): Layer {
  checkBuilder('linearLayer', builder);
  checkOptions(`${builder.name}: ${name}`, options, 'activation initial');
  const { activation = 'identity', initial = { weight: fanInUniform, bias: fanInUniform } } = options;
  if (!activations.includes(activation))
    throw new Error(
      `${builder.name}: ${name} has an unknown activation '${String(activation)}'; there are ${activations.join(', ')}`,
    );
  checkList('linearLayer', '[inputs, outputs]', sizes);
  const [inputs, outputs] = sizes;
  for (const [what, count] of Object.entries({ inputs, outputs }))
    checkCount(builder.name, `${what} of ${name}`, count, 1);
  const weight = builder.parameter(`${name}.weight`, [inputs, outputs], initial.weight(inputs, outputs));
  const bias = builder.parameter(`${name}.bias`, [outputs], initial.bias(inputs, outputs));
  builder.macs += inputs * outputs;
  const isSeparate = activation in separate;
  return {
    shape: [outputs],
    run(x) {
      if (!isSeparate) return linear(x, weight, bias, activation as FusedActivation);
      return layer(name, () => separate[activation as keyof typeof separate](linear(x, weight, bias)));
    },
  };
}

/** Throws unless `count` is an integer of at least `least`; names the model and the option. */
export function checkCount(model: string, option: string, count: number, least: number): void {
  if (!Number.isInteger(count) || count < least) {
    const wanted = least === 0 ? '0 or more' : `an integer of at least ${least}`;
    throw new Error(`${model}: ${option} is ${count}; wants ${wanted}`);
  }
}
