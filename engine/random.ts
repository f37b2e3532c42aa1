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
import { checkBackend, checkList, checkOptions } from './borders.ts';
import { dispatch, folded, workgroupsFor } from './dispatch.ts';
import { mul } from './ops/pointwise/elementwise.ts';
import { checkShape, type Shape, ShapeError, show, sizeOf } from './shape.ts';
import { noGrad } from './tape.ts';
import { checkFloats, outsideTidy, type Tensor, tensor } from './tensor.ts';

/** What the numbers are for; draws for one purpose never shift another's. */
export type Stream = keyof typeof streams;

export interface RandomOptions {
  /** A non-negative integer below 2^53. */
  seed?: number | undefined;
  stream?: Stream | undefined;
  /**
   * Tells draws of one stream and seed within one step apart. Left out, they are numbered from 0 in the order in which
   * they are made since the step began, so that no two are alike and a resumed run repeats them.
   */
  call?: number | undefined;
  /** Draws what this step would, whichever is current; its draws are numbered apart. */
  step?: number | undefined;
}

/** Of numbers for several models side by side: a list of seeds, one for each part along the first axis. */
export interface SeededOptions extends Omit<RandomOptions, 'seed'> {
  seed?: number | readonly number[] | undefined;
}

/**
 * Uniform in [0, 1), multiples of 2^-24: the same numbers on every backend, and by `uniformValues` of the same step and
 * call. Every call within a step draws other numbers unless `call` says which. With a list of seeds each part along the
 * first axis is what its seed draws alone.
 *
 * @throws ShapeError unless the first axis is as long as the list.
 */
export function uniform(shape: Shape, backend: Backend, options: SeededOptions = {}): Tensor {
  return drawSeeded('uniform', randomUniform, randomUniformSeeds, shape, backend, options);
}

/** Standard normal, at most 5.77 in size. The CPU backend's numbers agree to float32 rounding. Seeds as in `uniform`. */
export function normal(shape: Shape, backend: Backend, options: SeededOptions = {}): Tensor {
  return drawSeeded('normal', randomNormal, randomNormalSeeds, shape, backend, options);
}

/**
 * Zeros a share `rate` of the elements and scales the others by 1 / (1 - rate) (Srivastava et al. 2014). Calls within a
 * step are numbered, so each gets a mask of its own, the same again in the same step of a resumed run. A NaN or an infinity
 * that is dropped becomes NaN, 0 times it, as in PyTorch: it is not hidden. Leave dropout out in evaluation.
 */
export function dropout(x: Tensor, rate: number, options: RandomOptions = {}): Tensor {
  checkFloats('dropout', { x });
  checkOptions('dropout', options, 'seed stream call step');
  if (!(rate >= 0 && rate < 1)) throw new Error(`dropout: rate must lie in [0, 1), got ${rate}`);
  if (rate === 0) return x;
  // Of the 2^24 numbers that are drawn, those that are kept: their share is 1 - rate as exactly as a mask can have it.
  const kept = 2 ** 24 - Math.ceil(Math.fround(rate) * 2 ** 24);
  if (kept === 0)
    throw new Error(`dropout: rate must be at most 0.99999994, the largest below 1 in float32, got ${rate}`);
  const extra = { rate, scale: 2 ** 24 / kept };
  const mask = noGrad(() => draw(dropoutMask, x.shape, x.backend, { stream: 'dropout', ...options }, extra));
  return mul(x, mask);
}

/** `uniform` on the host, as a typed array; of step 0 and call 0 unless others are named. */
export function uniformValues(count: number, options: RandomOptions = {}): Float32Array {
  checkOptions('uniformValues', options, 'seed stream call step');
  checkShape('uniformValues', [count]);
  const { seed = 0, stream = 'data', call = 0, step = 0 } = options;
  return uniformHost(count, { seed: checkSeed(seed), stream: streamOf(stream), call, step });
}

/** 0 … count - 1 in an order that seed and epoch give. */
export function permutation(
  count: number,
  options: { seed?: number | undefined; epoch?: number | undefined } = {},
): Uint32Array {
  checkShape('permutation', [count]);
  checkOptions('permutation', options, 'seed epoch');
  const { seed = 0, epoch = 0 } = options;
  return permutationHost(count, { seed: checkSeed(seed), stream: streams.shuffling, epoch });
}

function draw(
  kernel: Kernel<never, 'y'>,
  shape: Shape,
  backend: Backend,
  options: RandomOptions,
  extra: Readonly<Record<string, number>> = {},
): Tensor {
  checkShape(kernel.name, shape);
  const { seed = 0, stream = 'data', step } = options;
  const size = sizeOf(shape);
  const place = { seed: checkSeed(seed), stream: streamOf(stream), step };
  const uniforms = {
    ...drawUniforms(size, { ...place, call: callOf(backend, stream, options) }),
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
  where: string,
  one: typeof randomUniform,
  many: typeof randomUniformSeeds,
  shape: Shape,
  backend: Backend,
  options: SeededOptions,
): Tensor {
  checkShape(where, shape);
  checkBackend(where, backend);
  checkOptions(where, options, 'seed stream call step');
  const { seed = 0, stream = 'data', step } = options;
  if (typeof seed === 'number') return draw(one, shape, backend, { ...options, seed });
  checkList(where, 'seed', seed);
  if (seed.length === 0 || shape[0] !== seed.length)
    throw new ShapeError(`${where}: ${show(shape)} has not ${seed.length} seeds along its first axis`);
  const size = sizeOf(shape.slice(1));
  const uniforms = placeUniforms(size, {
    stream: streamOf(stream),
    call: callOf(backend, stream, options),
    step,
  });
  return dispatch(many, {
    inputs: { seeds: keysOf(seed, backend) },
    uniforms,
    outputs: { y: shape },
    workgroups: [...folded(workgroupsFor(many, size, valuesPerLane)), seed.length],
  }).y;
}

/** Which draw of its purpose and seed this is in the step: the next one, unless it is named. */
export function callOf(
  { step: current }: Backend,
  purpose: string,
  { seed = 0, call, step }: SeededOptions,
): number {
  return call ?? current.nextCall(`${purpose} ${String(seed)} ${step ?? ''}`);
}

/** Lists of seeds whose keys a backend holds; a study has a few. */
const keys = new WeakMap<Backend, Map<string, Tensor>>();

/** Two words of each seed's key, uploaded once, because a captured step must not upload. */
export function keysOf(seeds: readonly number[], backend: Backend): Tensor {
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
