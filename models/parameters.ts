/** A network's named tensors while it is built: parameters with their initial numbers, buffers, and the size of it all. */
import type { Backend } from '../engine/backend.ts';
import { checkBackend, checkList, checkOptions, inWords } from '../engine/borders.ts';
import { mul } from '../engine/ops/pointwise/elementwise.ts';
import type { Arena } from '../engine/optim/arena.ts';
import { checkParameters } from '../engine/optim/flat.ts';
import { full } from '../engine/ops/fill.ts';
import { reshape } from '../engine/ops/movement/movement.ts';
import { concat } from '../engine/ops/movement/concat.ts';
import { slice } from '../engine/ops/movement/slice.ts';
import { normal, type RandomOptions, uniformValues } from '../engine/random.ts';
import { checkShape, type Shape, ShapeError, show, sizeOf } from '../engine/shape.ts';
import { noGrad } from '../engine/tape.ts';
import { type Tensor, tensor, tidy } from '../engine/tensor.ts';

/** A network's random numbers: one seed, or a list, which makes as many networks of one shape in the same tensors. */
export type Seeds = number | readonly number[];

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
 *
 * With a list of seeds every parameter and buffer is (seeds, …), and its part for a seed has the numbers of that seed alone.
 *
 *     const builder = new ParameterBuilder('net', backend, 1);
 *     const layer = linearLayer(builder, 'first', [2, 16], { activation: 'tanh' });
 *     const gain = builder.parameter('gain', [16], { constant: 1 });
 *     const forward = (x: Tensor) => mul(layer.run(x), gain);
 *     const optimizer = adam(builder.parameters);
 */
export class ParameterBuilder {
  /** The network's, for messages: 'lenet'. */
  readonly name: string;
  readonly backend: Backend;
  readonly parameters: Record<string, Tensor> = {};
  /** What a network keeps besides: running statistics. Saved, but not trained. */
  readonly buffers: Record<string, Tensor> = {};
  /** Multiply-accumulates of all layers so far, for one sample of one seed. */
  macs = 0;
  /** Numbers that each layer on images puts out for one sample of one seed. */
  readonly outputs: number[] = [];
  readonly #seed: Seeds;
  readonly #arena: Arena | undefined;
  #draws = 0;

  /** @param options.arena Where the parameters are to lie, beside those of other networks; see `Arena`. */
  constructor(name: string, backend: Backend, seed: Seeds, options: { arena?: Arena | undefined } = {}) {
    checkBackend(name, backend);
    checkOptions(name, options, 'arena');
    const { arena } = options;
    if (arena && arena.backend !== backend) throw new Error(`${name}: the arena is on another backend`);
    if (typeof seed !== 'number') checkList(name, 'seed', seed);
    if (typeof seed !== 'number' && seed.length === 0) throw new Error(`${name}: the list of seeds is empty`);
    this.name = name;
    this.backend = backend;
    this.#seed = seed;
    this.#arena = arena;
  }

  /** A builder that goes on from here and leaves this one as it is. */
  fork(): ParameterBuilder {
    const fork = new ParameterBuilder(this.name, this.backend, this.#seed, { arena: this.#arena });
    Object.assign(fork.parameters, this.parameters);
    Object.assign(fork.buffers, this.buffers);
    fork.macs = this.macs;
    fork.#draws = this.#draws;
    return fork;
  }

  /** Models side by side in every parameter. */
  get seedCount(): number {
    return sizeOf(this.#lead);
  }

  /** The axes in front of every tensor: none, or that of the seeds. */
  get #lead(): Shape {
    return typeof this.#seed === 'number' ? [] : [this.#seed.length];
  }

  /** A tensor to train, by its name in `parameters`, where it may be only once. `shape` is that of one seed. */
  parameter(name: string, shape: Shape, initial: Initial): Tensor {
    this.#checkName(name);
    checkShape(`${this.name}: ${name}`, shape);
    const key = Object.keys(initial ?? {})[0] ?? '';
    if (!['uniform', 'normal', 'constant'].includes(key))
      throw new Error(
        `${this.name}: ${name} begins with { uniform }, { normal } or { constant }, got ${inWords(initial)}`,
      );
    const made = this.#make(name, shape, initial);
    made.requiresGrad = true;
    made.label = name;
    this.#arena?.take([made]);
    this.parameters[name] = made;
    return made;
  }

  /** A tensor that begins with one value and is saved but not trained. `shape` is that of one seed. */
  buffer(name: string, shape: Shape, value: number): Tensor {
    this.#checkName(name);
    const made = full([...this.#lead, ...shape], value, this.backend);
    made.label = name;
    this.buffers[name] = made;
    return made;
  }

  #checkName(name: string): void {
    if (name in this.parameters || name in this.buffers)
      throw new Error(`${this.name}: there is a '${name}' already; every tensor has its own name`);
  }

  #make(label: string, shape: Shape, initial: Initial): Tensor {
    const { backend } = this;
    const seeds = typeof this.#seed === 'number' ? [this.#seed] : this.#seed;
    const whole = [...this.#lead, ...shape];
    if ('constant' in initial) return full(whole, initial.constant, backend);
    const call = this.#draws++;
    const draw = (seed: number): RandomOptions => ({ seed, stream: 'initialisation', call, step: 0 });
    if ('normal' in initial) {
      const parts = () => seeds.map((seed) => mul(normal(shape, backend, draw(seed)), initial.normal));
      return noGrad(() => tidy(() => reshape(concat(parts(), 0), whole)));
    }
    const size = sizeOf(shape);
    const values = new Float32Array(seeds.length * size);
    for (const [s, seed] of seeds.entries()) {
      const drawn = uniformValues(size, draw(seed)).map((u) => (2 * u - 1) * initial.uniform);
      values.set(drawn, s * size);
    }
    return tensor(values, whole, backend, { label });
  }
}

/**
 * The parameters of one of several seeds, copied, as its model alone has them: `index` counts along the first axis.
 *
 * @throws ShapeError if a parameter has no such part.
 */
export function parametersOf(parameters: Named, index: number): Named {
  checkParameters('parametersOf', parameters);
  checkShape('parametersOf', [index]);
  for (const { shape } of Object.values(parameters))
    if (!(index < shape[0]!)) throw new ShapeError(`parametersOf: no part ${index} in ${show(shape)}`);
  const part = (x: Tensor) =>
    noGrad(() => tidy(() => reshape(slice(x, 0, index, index + 1), x.shape.slice(1))));
  return Object.fromEntries(Object.entries(parameters).map(([name, x]) => [name, part(x)]));
}

/** Numbers in all of them. */
export function countOf(parameters: Named): number {
  return Object.values(parameters).reduce((sum, { size }) => sum + size, 0);
}
