/** Copies by strides: what transposes, slices, reversals and stretches are made of. Nothing is recorded. */
import { getOrMake } from '../../../kernels/get-or-make.ts';
import type { Kernel } from '../../../kernels/kernel.ts';
import { stridedCopy } from '../../../kernels/movement/movement.ts';
import { dispatch, workgroupsFor } from '../../dispatch.ts';
import { collapse, type Shape, sizeOf } from '../../shape.ts';
import type { Tensor } from '../../tensor.ts';

const copies = new Map<number, Kernel>();

/** y[p] = x[start + Σ p·stride]. */
export function copy(x: Tensor, shape: Shape, strides: readonly number[], start = 0): Tensor {
  const collapsed = collapse(shape, [[...strides]]);
  const size = sizeOf(shape);
  const uniforms: Record<string, number> = { size, start };
  for (const [axis, length] of collapsed.shape.entries()) {
    uniforms[`d${axis}`] = length;
    uniforms[`s${axis}`] = collapsed.strides[0]![axis]! >>> 0;
  }
  const kernel = getOrMake(copies, collapsed.shape.length, () => stridedCopy(collapsed.shape.length));
  const workgroups = workgroupsFor(kernel, size);
  return dispatch(kernel, { inputs: { x }, uniforms, outputs: { y: shape }, workgroups }).y!;
}

export function stridesOf(shape: Shape): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}
