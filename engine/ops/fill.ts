/** Tensors of one value. */
import { fill } from '../../kernels/movement.ts';
import type { Backend } from '../backend.ts';
import { dispatch, workgroupsFor } from '../dispatch.ts';
import { checkShape, type Shape, sizeOf } from '../shape.ts';
import { outsideTidy, type Tensor, tensor } from '../tensor.ts';

/** A tensor whose elements are all `value`. */
export function full(shape: Shape, value: number, backend: Backend): Tensor {
  checkShape('full', shape);
  const size = sizeOf(shape);
  const workgroups = workgroupsFor(fill, size);
  return dispatch(fill, { inputs: {}, uniforms: { size, value }, outputs: { y: shape }, workgroups, backend })
    .y;
}

/** The gradient that does not flow to `x`. */
export function noGradient({ shape, backend }: Tensor): Tensor {
  const zero = full(shape, 0, backend);
  zero.isZero = true;
  return zero;
}

export function ones(shape: Shape, backend: Backend): Tensor {
  return full(shape, 1, backend);
}

const MAX_CONSTANTS = 256;
const constants = new WeakMap<Backend, Map<number, Tensor>>();

/**
 * A scalar tensor that is uploaded once and shared: the number in `mul(x, 0.5)`. A gradient can be such a one (that of
 * `add` is 1), and whoever is given a gradient may dispose it: then the next call makes another.
 */
export function constant(value: number, backend: Backend): Tensor {
  let known = constants.get(backend);
  if (!known) constants.set(backend, (known = new Map()));
  let scalar = known.get(value);
  if (!scalar || scalar.isDisposed) {
    if (!scalar && known.size >= MAX_CONSTANTS) return full([], value, backend);
    scalar = outsideTidy(() => tensor([value], [], backend, { label: `constant ${value}` }));
    scalar.isOne = value === 1;
    known.set(value, scalar);
  }
  return scalar;
}
