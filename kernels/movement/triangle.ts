/** Matrices of which all on one side of a diagonal is 0. */
import { elementLoop } from '../element-loop.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { wgsl } from '../wgsl.ts';

/** The lower or the upper triangle of matrices x (…, rows, columns), from the diagonal of that number on; 0 elsewhere. */
export function triangle(isLower: boolean): Kernel<'x', 'y', 'size' | 'rows' | 'columns' | 'diagonal'> {
  return defineKernel({
    name: isLower ? 'tril' : 'triu',
    inputs: { x: 'word' },
    outputs: { y: 'word' },
    // As a u32 that wraps around, so that it may be negative.
    uniforms: { size: 'u32', rows: 'u32', columns: 'u32', diagonal: 'u32' },
    code: elementLoop({
      size: 'uniforms.size',
      digits: { column: 'uniforms.columns', row: 'uniforms.rows' },
      rest: 'matrix',
      body: wgsl`let above = i32(column) - i32(row);
    y[i] = select(0u, x[i], above ${isLower ? '<=' : '>='} bitcast<i32>(uniforms.diagonal));`,
    }),
    reference({ x }, { rows, columns, diagonal }, { y }) {
      for (let i = 0; i < y.length; i++) {
        const above = (i % columns) - (Math.floor(i / columns) % rows);
        const isKept = isLower ? above <= (diagonal | 0) : above >= (diagonal | 0);
        y[i] = isKept ? x[i]! : 0;
      }
    },
  });
}
