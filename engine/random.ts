/**
 * Random numbers by name of stream: Philox4x32-10, a function of the seed and of (element, call, step, stream). The
 * step's number comes from the step buffer, so a replayed or resumed step draws what it should.
 */
import type { Kernel } from '../kernels/kernel.ts';
import { getOrMake } from '../kernels/get-or-make.ts';
import {
  dropoutMask,
  drawUniforms,
  placeUniforms,
  randomNormal,
  randomNormalSeeds,
  randomUniform,
  randomUniformSeeds,
  streams,
  valuesPerLane,
} from '../kernels/random/random.ts';
import { keyOf } from '../kernels/random/philox.ts';
import { permutationHost, uniformHost } from '../kernels/random/random-host.ts';
import type { Backend } from './backend.ts';
import { dispatch, folded, workgroupsFor } from './dispatch.ts';
import { mul } from './ops/pointwise/elementwise.ts';
import { checkShape, type Shape, ShapeError, show, sizeOf } from './shape.ts';
import { noGrad } from './tape.ts';
import { outsideTidy, type Tensor, tensor } from './tensor.ts';

/** What the numbers are for; draws for one purpose never shift another's. */
export type Stream = keyof typeof streams;

export interface RandomOptions {
  /** A non-negative integer below 2^53. */
  seed?: number;
  stream?: Stream;
  /** Tells draws of one stream within one step apart. */
  call?: number;
  /** Draws what this step would, whichever is current. */
  step?: number;
}

/** Of numbers for several models side by side: a list of seeds, one for each part along the first axis. */
export interface SeededOptions extends Omit<RandomOptions, 'seed'> {
  seed?: number | readonly number[];
}

/**
 * Uniform in [0, 1), multiples of 2^-24: the same numbers on every backend and by `uniformValues`. With a list of seeds
 * each part along the first axis is what its seed draws alone.
 *
 * @throws ShapeError unless the first axis is as long as the list.
 */
export function uniform(shape: Shape, backend: Backend, options: SeededOptions = {}): Tensor {
  return drawSeeded(randomUniform, randomUniformSeeds, shape, backend, options);
}

/** Standard normal, at most 5.77 in size. The CPU backend's numbers agree to float32 rounding. Seeds as in `uniform`. */
export function normal(shape: Shape, backend: Backend, options: SeededOptions = {}): Tensor {
  return drawSeeded(randomNormal, randomNormalSeeds, shape, backend, options);
}

/**
 * Zeros a share `rate` of the elements and scales the others by 1 / (1 - rate) (Srivastava et al. 2014). Calls within a
 * step are numbered, so each gets a mask of its own, the same again in the same step of a resumed run. Leave dropout out
 * in evaluation.
 */
export function dropout(x: Tensor, rate: number, options: RandomOptions = {}): Tensor {
  if (!(rate >= 0 && rate < 1)) throw new Error(`dropout: rate must lie in [0, 1), got ${rate}`);
  if (rate === 0) return x;
  const extra = { rate, scale: 1 / (1 - rate) };
  const call = options.call ?? x.backend.step.nextCall();
  const mask = noGrad(() =>
    draw(dropoutMask, x.shape, x.backend, { stream: 'dropout', ...options, call }, extra),
  );
  return mul(x, mask);
}

/** `uniform` on the host, as a typed array; of step 0 unless another is named. */
export function uniformValues(count: number, options: RandomOptions = {}): Float32Array {
  const { seed = 0, stream = 'data', call = 0, step = 0 } = options;
  return uniformHost(count, { seed: checkSeed(seed), stream: streamOf(stream), call, step });
}

/** 0 … count - 1 in an order that seed and epoch give. */
export function permutation(
  count: number,
  { seed = 0, epoch = 0 }: { seed?: number; epoch?: number } = {},
): Uint32Array {
  return permutationHost(count, { seed: checkSeed(seed), stream: streams.shuffling, epoch });
}

function draw(
  kernel: Kernel<never, 'y'>,
  shape: Shape,
  backend: Backend,
  { seed = 0, stream = 'data', call = 0, step }: RandomOptions,
  extra: Readonly<Record<string, number>> = {},
): Tensor {
  checkShape(kernel.name, shape);
  const size = sizeOf(shape);
  const uniforms = {
    ...drawUniforms(size, { seed: checkSeed(seed), stream: streamOf(stream), call, step }),
    ...extra,
  };
  const workgroups = workgroupsFor(kernel, size, valuesPerLane);
  return dispatch(kernel, {
    inputs: {},
    uniforms: uniforms as Record<string, number>,
    outputs: { y: shape },
    workgroups,
    backend,
  }).y;
}

function drawSeeded(
  one: typeof randomUniform,
  many: typeof randomUniformSeeds,
  shape: Shape,
  backend: Backend,
  { seed = 0, stream = 'data', call = 0, step }: SeededOptions,
): Tensor {
  if (typeof seed === 'number') return draw(one, shape, backend, { seed, stream, call, step });
  checkShape(many.name, shape);
  if (seed.length === 0 || shape[0] !== seed.length)
    throw new ShapeError(`${many.name}: ${show(shape)} has not ${seed.length} seeds along its first axis`);
  const size = sizeOf(shape.slice(1));
  const uniforms = placeUniforms(size, { stream: streamOf(stream), call, step });
  return dispatch(many, {
    inputs: { seeds: keysOf(seed, backend) },
    uniforms,
    outputs: { y: shape },
    workgroups: [...folded(workgroupsFor(many, size, valuesPerLane)), seed.length],
  }).y;
}

/** Lists of seeds whose keys a backend holds; a study has a few. */
const keys = new WeakMap<Backend, Map<string, Tensor>>();

/** Uploaded once, because a captured step must not upload. */
function keysOf(seeds: readonly number[], backend: Backend): Tensor {
  let known = keys.get(backend);
  if (!known) keys.set(backend, (known = new Map()));
  return getOrMake(known, seeds.join(), () => {
    const words = seeds.flatMap((seed) => [...keyOf(checkSeed(seed))]);
    return outsideTidy(() => tensor(words, [words.length], backend, { dtype: 'u32', label: 'seeds' }));
  });
}

export function checkSeed(seed: number): number {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new Error(`seed must be an integer from 0 to 2^53 - 1, got ${seed}`);
  return seed;
}

function streamOf(name: Stream): number {
  const number = Object.hasOwn(streams, name) ? streams[name] : undefined;
  if (number === undefined)
    throw new Error(`no random stream '${name}'; there are ${Object.keys(streams).join(', ')}`);
  return number;
}
