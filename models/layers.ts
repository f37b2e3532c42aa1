/** Layers: named parameters, and how they are initialised. A model is an object of named tensors and a function. */
import type { Backend } from '../engine/backend.ts';
import { gelu, softplus } from '../engine/ops/elementwise.ts';
import { type FusedActivation, linear } from '../engine/ops/matmul.ts';
import { uniformValues } from '../engine/random.ts';
import { type Tensor, tensor } from '../engine/tensor.ts';

/** Activations applied by the matmul itself, and those that are an op of their own. */
const separate = { gelu, softplus } as const;

export type Activation = FusedActivation | keyof typeof separate;

export const activations: readonly Activation[] = ['tanh', 'relu', 'gelu', 'sigmoid', 'softplus', 'identity'];

/** Makes a model's parameters one after another, each from its own part of the random stream. */
export class ParameterBuilder {
  readonly parameters: Record<string, Tensor> = {};
  readonly #backend: Backend;
  readonly #seed: number;
  #count = 0;

  constructor(backend: Backend, seed: number) {
    this.#backend = backend;
    this.#seed = seed;
  }

  /**
   * Weight (inputs, outputs) and bias (outputs), both uniform in ±1/√inputs as PyTorch's nn.Linear. Named
   * `NAME.weight` and `NAME.bias`.
   */
  linear(name: string, inputs: number, outputs: number): void {
    const bound = 1 / Math.sqrt(inputs);
    this.#add(`${name}.weight`, [inputs, outputs], bound);
    this.#add(`${name}.bias`, [outputs], bound);
  }

  #add(name: string, shape: number[], bound: number): void {
    const size = shape.reduce((product, length) => product * length, 1);
    const values = uniformValues(size, { seed: this.#seed, stream: 'initialisation', call: this.#count++ });
    const scaled = values.map((u) => (2 * u - 1) * bound);
    this.parameters[name] = tensor(scaled, shape, this.#backend, { requiresGrad: true, label: name });
  }
}

/** activation(x @ weight + bias): in one dispatch for tanh, relu, sigmoid and identity, two for the others. */
export function linearLayer(
  parameters: Readonly<Record<string, Tensor>>,
  name: string,
  x: Tensor,
  activation: Activation = 'identity',
): Tensor {
  const weight = parameters[`${name}.weight`]!;
  const bias = parameters[`${name}.bias`]!;
  if (activation in separate) return separate[activation as keyof typeof separate](linear(x, weight, bias));
  return linear(x, weight, bias, activation as FusedActivation);
}
