/** A network's named tensors while it is built: parameters with their initial numbers, buffers, and the size of it all. */
import type { Backend } from '../engine/backend.ts';
import { mul } from '../engine/ops/elementwise.ts';
import { full } from '../engine/ops/fill.ts';
import { normal, type RandomOptions, uniformValues } from '../engine/random.ts';
import { type Shape, sizeOf } from '../engine/shape.ts';
import { noGrad } from '../engine/tape.ts';
import { type Tensor, tensor, tidy } from '../engine/tensor.ts';

/** Named tensors. */
export type Named = Readonly<Record<string, Tensor>>;

/** What a parameter begins with: uniform in ±bound, normal with a deviation, or one number. */
export type Initial =
  | { readonly uniform: number }
  | { readonly normal: number }
  | { readonly constant: number };

/** From the numbers that go into one unit, and those that come from it, to the weight's initial numbers. */
export type InitialOf = (fanIn: number, fanOut: number) => Initial;

/** ±1/√fanIn: PyTorch's default for linear and convolutional layers. */
export const fanInUniform: InitialOf = (fanIn) => ({ uniform: 1 / Math.sqrt(fanIn) });

/** ±√(6 / (fanIn + fanOut)): Glorot and Bengio 2010. */
export const xavierUniform: InitialOf = (fanIn, fanOut) => ({ uniform: Math.sqrt(6 / (fanIn + fanOut)) });

export const zero: InitialOf = () => ({ constant: 0 });

/** A deviation of √(2 / fanOut), which keeps gradients' size through ReLU: He et al. 2015. */
export const kaimingNormal: InitialOf = (_, fanOut) => ({ normal: Math.sqrt(2 / fanOut) });

/**
 * Makes a network's tensors one after another, each parameter from its own part of the random stream: the numbers
 * follow the seed and the order alone, not the step. Uniform ones are the same on every backend. Normal ones are made by
 * the backend: the same for the same seed on one adapter, the CPU backend's to float32 rounding.
 */
export class ParameterBuilder {
  /** The network's, for messages: 'lenet'. */
  readonly name: string;
  readonly backend: Backend;
  readonly parameters: Record<string, Tensor> = {};
  /** What a network keeps besides: running statistics. Saved, but not trained. */
  readonly buffers: Record<string, Tensor> = {};
  /** Multiply-accumulates of all layers so far, for one sample. */
  macs = 0;
  readonly #seed: number;
  #draws = 0;

  constructor(name: string, backend: Backend, seed: number) {
    this.name = name;
    this.backend = backend;
    this.#seed = seed;
  }

  /** A builder that goes on from here and leaves this one as it is. */
  fork(): ParameterBuilder {
    const fork = new ParameterBuilder(this.name, this.backend, this.#seed);
    Object.assign(fork.parameters, this.parameters);
    Object.assign(fork.buffers, this.buffers);
    fork.macs = this.macs;
    fork.#draws = this.#draws;
    return fork;
  }

  parameter(name: string, shape: Shape, initial: Initial): Tensor {
    const made = this.#make(name, shape, initial);
    made.requiresGrad = true;
    made.label = name;
    this.parameters[name] = made;
    return made;
  }

  buffer(name: string, shape: Shape, value: number): Tensor {
    const made = full(shape, value, this.backend);
    made.label = name;
    this.buffers[name] = made;
    return made;
  }

  #make(label: string, shape: Shape, initial: Initial): Tensor {
    if ('constant' in initial) return full(shape, initial.constant, this.backend);
    const draw: RandomOptions = { seed: this.#seed, stream: 'initialisation', call: this.#draws++, step: 0 };
    if ('normal' in initial) {
      return noGrad(() => tidy(() => mul(normal(shape, this.backend, draw), initial.normal)));
    }
    const values = uniformValues(sizeOf(shape), draw);
    const scaled = values.map((u) => (2 * u - 1) * initial.uniform);
    return tensor(scaled, shape, this.backend, { label });
  }
}

/** Numbers in all of them. */
export function countOf(parameters: Named): number {
  return Object.values(parameters).reduce((sum, { size }) => sum + size, 0);
}
