/** New numbers in a tensor that exists already: how a captured step gets its next batch. */
import { checkNumbers } from '../../borders.ts';
import { backendOf, noteWrite } from '../../dispatch.ts';
import { sameShape, ShapeError, show } from '../../shape.ts';
import { checkTensor, empty, Tensor } from '../../tensor.ts';
import { isConstant } from '../fill.ts';

/**
 * Writes numbers into `x` in place: `values` in row-major order, or those of another tensor of the same shape and dtype on
 * the same backend. Views of `x` and captured steps that use it see them. It is no op: no gradient flows from `values`,
 * and a gradient that needs the numbers before is an error, as `grad` says.
 *
 * Inside a captured step `values` must be a tensor: each replay copies it again.
 *
 * @throws ShapeError on another shape or length; RangeError where a 'u32' tensor is given something else than integers
 *   from 0 to 2^32 - 1. Nothing is written then.
 */
export function assign(x: Tensor, values: ArrayLike<number> | Tensor): void {
  checkTensor('assign', 'x', x);
  x.checkAlive('assign');
  // What is known to be 1 or 0 may have been left out of a product already.
  if (x.isOne || x.isZero || isConstant(x))
    throw new Error('assign: x is a constant that others count on; make a tensor of your own');
  if (values instanceof Tensor) copyFrom(values, x);
  else upload(values, x);
}

function copyFrom(from: Tensor, x: Tensor): void {
  from.checkAlive('assign');
  const backend = backendOf({ name: 'assign' }, [x, from]);
  if (!sameShape(from.shape, x.shape))
    throw new ShapeError(`assign: ${show(from.shape)} into ${show(x.shape)}; wants one shape`);
  if (from.dtype !== x.dtype) throw new Error(`assign: ${from.dtype} into ${x.dtype}; wants one dtype`);
  const isInside = from.storage === x.storage;
  if (isInside && from.offset === x.offset) return;
  noteWrite(x);
  if (!isInside) return backend.copy(from.binding, x.binding);
  // A buffer cannot be copied into itself.
  const between = empty(x.shape, backend, { dtype: x.dtype, label: 'assign' });
  backend.copy(from.binding, between.binding);
  backend.copy(between.binding, x.binding);
  between.dispose();
}

function upload(values: ArrayLike<number>, x: Tensor): void {
  const { backend, dtype } = x;
  backend.step.recorder?.forbid('assign is given numbers (a tensor would do)');
  checkNumbers('assign', values);
  if (values.length !== x.size)
    throw new ShapeError(`assign: ${show(x.shape)} wants ${x.size} values, got ${values.length}`);
  if (dtype === 'u32') {
    const wrong = Array.from(values).findIndex((value) => value >>> 0 !== value);
    if (wrong >= 0)
      throw new RangeError(`assign: ${values[wrong]} at ${wrong}; 'u32' wants integers from 0 to 2^32 - 1`);
  }
  backend.upload(x.binding, values, dtype);
  noteWrite(x);
}
