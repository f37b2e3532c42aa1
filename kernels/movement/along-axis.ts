/** Kernels that read along an axis by an index of its own for every line, and that add up so. */
import { elementLoop } from '../element-loop.ts';
import { defineKernel, type Floats, type Kernel } from '../kernel.ts';
import { addTo, closeSum, hiddenZero, openSum } from '../math/math-sum.ts';
import { wgsl } from '../wgsl.ts';

/**
 * y[o, j, i] = x[o, index[o, j, i], i]: x is (outer, length, inner), index and y are (outer, count, inner). An index of
 * `length` or more reads the last.
 */
export const takeAlong: Kernel<'x' | 'index', 'y', 'size' | 'length' | 'count' | 'inner'> = defineKernel({
  name: 'take-along-axis',
  inputs: { x: 'word', index: 'u32' },
  outputs: { y: 'word' },
  uniforms: { size: 'u32', length: 'u32', count: 'u32', inner: 'u32' },
  code: elementLoop({
    size: 'uniforms.size',
    digits: { within: 'uniforms.inner', row: 'uniforms.count' },
    rest: 'outer',
    body: wgsl`let place = min(index[i], uniforms.length - 1u);
    y[i] = x[(outer * uniforms.length + place) * uniforms.inner + within];`,
  }),
  reference({ x, index }, { length, count, inner }, { y }) {
    for (let i = 0; i < y.length; i++) {
      const place = Math.min(index[i]!, length - 1);
      y[i] = x[(Math.floor(i / inner / count) * length + place) * inner + (i % inner)]!;
    }
  },
});

function addUp(
  { x, index }: { x: Floats; index: Floats },
  { length, count, inner }: { length: number; count: number; inner: number },
  y: Floats,
): void {
  y.fill(0);
  for (const [i, value] of x.entries()) {
    const place = Math.min(index[i]!, length - 1);
    y[(Math.floor(i / inner / count) * length + place) * inner + (i % inner)]! += value;
  }
}

/** y[o, index[o, j, i], i] += x[o, j, i], in the order of j: the adjoint. Each y reads its line of the index. */
export const addAlong: Kernel<'x' | 'index', 'y', 'size' | 'length' | 'count' | 'inner'> = defineKernel({
  name: 'add-along-axis',
  inputs: { x: 'f32', index: 'u32' },
  outputs: { y: 'f32' },
  uniforms: { size: 'u32', length: 'u32', count: 'u32', inner: 'u32' },
  code: wgsl`${elementLoop({
    size: 'uniforms.size',
    digits: { within: 'uniforms.inner', place: 'uniforms.length' },
    rest: 'outer',
    body: wgsl`let start = outer * uniforms.count * uniforms.inner + within;
    ${hiddenZero('size')}
    ${openSum('sum')}
    for (var j = 0u; j < uniforms.count; j++) {
      let at = start + j * uniforms.inner;
      if (min(index[at], uniforms.length - 1u) == place) ${addTo('sum', 'x[at]')}
    }
    y[i] = ${closeSum('sum')};`,
  })}`,
  reference({ x, index }, uniforms, { y }) {
    addUp({ x, index }, uniforms, y);
  },
});

/**
 * The same, for a long index: it is sorted, `keys` by size and `places` where each stood, (outer, inner, count) both. Each y
 * finds its part by bisection, and adds in the same order.
 */
export const addAlongSorted: Kernel<'x' | 'keys' | 'places', 'y', 'size' | 'length' | 'count' | 'inner'> =
  defineKernel({
    name: 'add-along-axis',
    inputs: { x: 'f32', keys: 'u32', places: 'u32' },
    outputs: { y: 'f32' },
    uniforms: { size: 'u32', length: 'u32', count: 'u32', inner: 'u32' },
    code: wgsl`${elementLoop({
      size: 'uniforms.size',
      digits: { within: 'uniforms.inner', place: 'uniforms.length' },
      rest: 'outer',
      body: wgsl`let row = (outer * uniforms.inner + within) * uniforms.count;
    var at = 0u;
    var high = uniforms.count;
    while (at < high) {
      let half = (at + high) / 2u;
      let isBefore = keys[row + half] < place;
      at = select(at, half + 1u, isBefore);
      high = select(half, high, isBefore);
    }
    // Too large an index means the last place.
    let most = select(place, 0xffffffffu, place == uniforms.length - 1u);
    ${hiddenZero('size')}
    ${openSum('sum')}
    while (at < uniforms.count) {
      if (keys[row + at] > most) { break; }
      let j = places[row + at];
      ${addTo('sum', 'x[(outer * uniforms.count + j) * uniforms.inner + within]')}
      at++;
    }
    y[i] = ${closeSum('sum')};`,
    })}`,
    reference({ x, keys, places }, uniforms, { y }) {
      const { count, inner } = uniforms;
      const index = new Float64Array(x.length);
      for (const [i, key] of keys.entries()) {
        const row = Math.floor(i / count);
        index[(Math.floor(row / inner) * count + places[i]!) * inner + (row % inner)] = key;
      }
      addUp({ x, index }, uniforms, y);
    },
  });
