/**
 * A stable sort along an axis, in two kernels: runs of 32 numbers by counting, then pairs of runs merged until one is left.
 * No barriers and no atomics, so the order is the same on every adapter. A row is one line of numbers along the axis; keys
 * and places are (rows, length), whatever the axis was.
 */
import { elementLoop } from '../element-loop.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { boundAs, compareNumbers, orderKey, type Ordered } from './order.ts';
import { wgsl } from '../wgsl.ts';

/** Numbers of a run that counting puts in order. */
export const RUN = 32;
/** Numbers that an invocation merges, a divisor of `RUN`. */
export const MERGED = 16;

/**
 * Sorts runs of 32 of x (outer, length, inner): a number's place is how many of its run come before it. Keys are integers
 * in the order of the numbers: their bits turned, or themselves; the reference counts how many different ones are smaller.
 */
export function sortRuns(
  numbers: Ordered,
  isDescending: boolean,
): Kernel<'x', 'keys' | 'places', 'size' | 'length' | 'inner'> {
  return defineKernel({
    name: 'sort-runs',
    inputs: { x: boundAs[numbers] },
    outputs: { keys: 'u32', places: 'u32' },
    uniforms: { size: 'u32', length: 'u32', inner: 'u32' },
    code: wgsl`
${orderKey[numbers]}

${elementLoop({
  size: 'uniforms.size',
  digits: { within: 'uniforms.inner', place: 'uniforms.length' },
  rest: 'outer',
  body: wgsl`let line = outer * uniforms.length * uniforms.inner + within;
    let own = orderKey(x[i])${isDescending ? ' ^ 0xffffffffu' : ''};
    let begin = place - place % ${RUN}u;
    let end = min(begin + ${RUN}u, uniforms.length);
    var before = 0u;
    for (var j = begin; j < end; j++) {
      let key = orderKey(x[line + j * uniforms.inner])${isDescending ? ' ^ 0xffffffffu' : ''};
      before += u32((key < own) | ((key == own) & (j < place)));
    }
    let to = (outer * uniforms.inner + within) * uniforms.length + begin + before;
    keys[to] = own;
    places[to] = place;`,
})}`,
    reference({ x }, { length, inner }, { keys, places }) {
      const sign = isDescending ? -1 : 1;
      for (let row = 0; row < x.length / length; row++) {
        const first = Math.floor(row / inner) * length * inner + (row % inner);
        const values = Array.from({ length }, (_, j) => x[first + j * inner]!);
        const ranks = numbers === 'u32' && !isDescending ? values : ranksOf(values, sign);
        for (let begin = 0; begin < length; begin += RUN) {
          const run = Array.from({ length: Math.min(RUN, length - begin) }, (_, j) => begin + j);
          run.sort((a, b) => ranks[a]! - ranks[b]!);
          for (const [j, place] of run.entries()) {
            keys[row * length + begin + j] = ranks[place]!;
            places[row * length + begin + j] = place;
          }
        }
      }
    },
  });
}

/** Of each number how many different ones come before it. */
function ranksOf(values: readonly number[], sign: number): number[] {
  const order = [...values.keys()].sort((a, b) => sign * compareNumbers(values[a]!, values[b]!));
  const ranks = new Array<number>(values.length);
  let rank = 0;
  for (const [i, place] of order.entries()) {
    if (i > 0 && compareNumbers(values[place]!, values[order[i - 1]!]!) !== 0) rank++;
    ranks[place] = rank;
  }
  return ranks;
}

/**
 * Merges neighbouring runs of `run` numbers in rows of `length`; of equal keys those of the left run come first. An
 * invocation finds by bisection where its 16 numbers begin in both runs (Green, McColl & Bader 2012, merge path).
 */
export const mergeRuns: Kernel<
  'keys' | 'places',
  'mergedKeys' | 'mergedPlaces',
  'size' | 'length' | 'run' | 'chunks'
> = defineKernel({
  name: 'merge-runs',
  inputs: { keys: 'u32', places: 'u32' },
  outputs: { mergedKeys: 'u32', mergedPlaces: 'u32' },
  uniforms: { size: 'u32', length: 'u32', run: 'u32', chunks: 'u32' },
  code: elementLoop({
    size: 'uniforms.size',
    digits: { chunk: 'uniforms.chunks' },
    rest: 'row',
    body: wgsl`let first = row * uniforms.length;
    let start = chunk * ${MERGED}u;
    let stop = min(start + ${MERGED}u, uniforms.length);
    // run is a power of two.
    let begin = start & ~(2u * uniforms.run - 1u);
    let middle = min(begin + uniforms.run, uniforms.length);
    let end = min(middle + uniforms.run, uniforms.length);
    let before = start - begin;
    var low = before - min(before, end - middle);
    var high = min(before, middle - begin);
    while (low < high) {
      let half = (low + high) / 2u;
      let isLeft = keys[first + begin + half] <= keys[first + middle + before - 1u - half];
      low = select(low, half + 1u, isLeft);
      high = select(half, high, isLeft);
    }
    var left = begin + low;
    var right = middle + before - low;
    for (var j = start; j < stop; j++) {
      let leftKey = keys[first + min(left, middle - 1u)];
      let rightKey = keys[first + min(right, end - 1u)];
      let isLeft = (right >= end) | ((left < middle) & (leftKey <= rightKey));
      mergedKeys[first + j] = select(rightKey, leftKey, isLeft);
      mergedPlaces[first + j] = places[first + select(right, left, isLeft)];
      left += u32(isLeft);
      right += u32(!isLeft);
    }`,
  }),
  reference({ keys, places }, { length, run }, { mergedKeys, mergedPlaces }) {
    for (let first = 0; first < keys.length; first += length) {
      for (let begin = 0; begin < length; begin += 2 * run) {
        const both = Array.from({ length: Math.min(2 * run, length - begin) }, (_, j) => first + begin + j);
        both.sort((a, b) => keys[a]! - keys[b]!);
        for (const [j, place] of both.entries()) {
          mergedKeys[first + begin + j] = keys[place]!;
          mergedPlaces[first + begin + j] = places[place]!;
        }
      }
    }
  },
});

/** The first `count` places of each row, back along the axis: (outer, inner, length) to (outer, count, inner). */
export const firstPlaces: Kernel<'places', 'y', 'size' | 'length' | 'count' | 'inner'> = defineKernel({
  name: 'first-places',
  inputs: { places: 'u32' },
  outputs: { y: 'u32' },
  uniforms: { size: 'u32', length: 'u32', count: 'u32', inner: 'u32' },
  code: elementLoop({
    size: 'uniforms.size',
    digits: { within: 'uniforms.inner', place: 'uniforms.count' },
    rest: 'outer',
    body: 'y[i] = places[(outer * uniforms.inner + within) * uniforms.length + place];',
  }),
  reference({ places }, { length, count, inner }, { y }) {
    for (let i = 0; i < y.length; i++) {
      const line = Math.floor(i / inner);
      y[i] = places[(Math.floor(line / count) * inner + (i % inner)) * length + (line % count)]!;
    }
  },
});
