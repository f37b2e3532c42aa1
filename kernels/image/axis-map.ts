/** A sparse matrix applied along one axis: resampling, averages over windows, padding that repeats; and their adjoints. */
import { elementLoop } from '../element-loop.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { addTo, closeSum, hiddenZero, openSum } from '../math/math-sum.ts';
import { wgsl } from '../wgsl.ts';

/**
 * y[o, r, i] = Σ_k weights[k] · x[o, sources[k], i], k from begins[r] to begins[r + 1] - 1: x is (outer, columns,
 * inner), y is (outer, rows, inner). The sum runs in the order of k.
 */
export const axisMap: Kernel<
  'x' | 'begins' | 'sources' | 'weights',
  'y',
  'size' | 'rows' | 'columns' | 'inner'
> = defineKernel({
  name: 'axis-map',
  inputs: { x: 'f32', begins: 'u32', sources: 'u32', weights: 'f32' },
  outputs: { y: 'f32' },
  uniforms: { size: 'u32', rows: 'u32', columns: 'u32', inner: 'u32' },
  code: elementLoop({
    size: 'uniforms.size',
    digits: { within: 'uniforms.inner', row: 'uniforms.rows' },
    rest: 'outer',
    setup: hiddenZero('size'),
    body: wgsl`let start = outer * uniforms.columns * uniforms.inner + within;
    let end = begins[row + 1u];
    ${openSum('sum')}
    for (var k = begins[row]; k < end; k++) {
      ${addTo('sum', 'weights[k] * x[start + sources[k] * uniforms.inner]')}
    }
    y[i] = ${closeSum('sum')};`,
  }),
  reference({ x, begins, sources, weights }, { rows, columns, inner }, { y }) {
    for (let i = 0; i < y.length; i++) {
      const row = Math.floor(i / inner) % rows;
      const outer = Math.floor(i / (inner * rows));
      y[i] = 0;
      for (let k = begins[row]!; k < begins[row + 1]!; k++)
        y[i]! += weights[k]! * x[(outer * columns + sources[k]!) * inner + (i % inner)]!;
    }
  },
});
