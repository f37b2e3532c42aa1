/** Class numbers as rows of a one among zeros. */
import { elementLoop } from '../element-loop.ts';
import { defineKernel, type Kernel } from '../kernel.ts';

/** y[…, c] = 1 where c is index[…], else 0. */
export const oneHotRows: Kernel<'index', 'y', 'size' | 'classes'> = defineKernel({
  name: 'one-hot',
  inputs: { index: 'u32' },
  outputs: { y: 'f32' },
  uniforms: { size: 'u32', classes: 'u32' },
  code: elementLoop({
    size: 'uniforms.size',
    digits: { place: 'uniforms.classes' },
    rest: 'row',
    body: 'y[i] = select(0.0, 1.0, index[row] == place);',
  }),
  reference({ index }, { classes }, { y }) {
    for (let i = 0; i < y.length; i++) y[i] = Number(index[Math.floor(i / classes)] === i % classes);
  },
});
