/** Runs a pointwise function on tensors with broadcasting: chooses the kernel and its strides. */
import {
  type Extent,
  flatKernel,
  type PointFunction,
  stridedKernel,
} from '../../../kernels/pointwise/elementwise.ts';
import { type FunctionName, pointFunctions } from '../../../kernels/pointwise/functions.ts';
import { getOrMake } from '../../../kernels/get-or-make.ts';
import type { Kernel } from '../../../kernels/kernel.ts';
import { dispatch, workgroupsFor } from '../../dispatch.ts';
import { broadcastShapes, broadcastStrides, collapse, sameShape, type Shape, sizeOf } from '../../shape.ts';
import type { Tensor } from '../../tensor.ts';

const NAMES = ['a', 'b', 'c'] as const;
const kernels = new WeakMap<PointFunction, Map<string, Kernel>>();

/** The value of a pointwise function; nothing is recorded. Shapes broadcast as in NumPy. */
export function map(given: FunctionName | PointFunction, ...operands: Tensor[]): Tensor {
  const f = typeof given === 'string' ? pointFunctions[given] : given;
  const shape = broadcastShapes(f.name, ...operands.map((x) => x.shape));
  const inputs: Record<string, Tensor> = {};
  for (const [i, x] of operands.entries()) inputs[NAMES[i]!] = x;

  const extents = operands.map((x): Extent | undefined =>
    sameShape(x.shape, shape) ? 'full' : x.size === 1 ? 'scalar' : undefined,
  );
  if (extents.every((extent) => extent !== undefined)) {
    const kernel = kernelOf(f, extents.join(), () => flatKernel(f, extents));
    const size = sizeOf(shape);
    const workgroups = workgroupsFor(kernel, size, 4);
    return dispatch(kernel, { inputs, uniforms: { size }, outputs: { y: shape }, workgroups }).y!;
  }
  return mapStrided(f, inputs, shape);
}

function mapStrided(f: PointFunction, inputs: Record<string, Tensor>, shape: Shape): Tensor {
  const operands = Object.entries(inputs);
  const collapsed = collapse(
    shape,
    operands.map(([, x]) => broadcastStrides(x.shape, shape)),
  );
  const rank = collapsed.shape.length;
  const size = sizeOf(shape);
  const uniforms: Record<string, number> = { size };
  for (let axis = 0; axis < rank; axis++) {
    uniforms[`d${axis}`] = collapsed.shape[axis]!;
    for (const [i, [key]] of operands.entries()) uniforms[key + axis] = collapsed.strides[i]![axis]!;
  }
  const kernel = kernelOf(f, `rank ${rank}`, () => stridedKernel(f, rank));
  return dispatch(kernel, {
    inputs,
    uniforms,
    outputs: { y: shape },
    workgroups: workgroupsFor(kernel, size),
  }).y!;
}

function kernelOf(f: PointFunction, variant: string, make: () => Kernel): Kernel {
  let known = kernels.get(f);
  if (!known) kernels.set(f, (known = new Map()));
  return getOrMake(known, variant, make);
}
