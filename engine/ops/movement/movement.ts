/** The same numbers in another shape or order; the adjoint of each op is another of them. */
import { checkList } from '../../borders.ts';
import { checkShape, resolveAxes, sameShape, type Shape, ShapeError, show, sizeOf } from '../../shape.ts';
import { record } from '../../tape.ts';
import { checkTensor, type Tensor, view } from '../../tensor.ts';
import { copy, stridesOf } from './strided.ts';

/** The same numbers under another shape; -1 stands for what is left. Shares memory. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  checkTensor('reshape', 'x', x);
  if (!Array.isArray(shape)) checkShape('reshape', shape);
  const rest = sizeOf(shape.filter((length) => length !== -1));
  const resolved = shape.map((length) => (length === -1 ? x.size / rest : length));
  const isWhole = resolved.every((length) => Number.isInteger(length) && length >= 0);
  if (!isWhole || sizeOf(resolved) !== x.size || shape.filter((length) => length === -1).length > 1) {
    throw new ShapeError(`reshape: ${show(x.shape)} does not fit into ${show(shape)}`);
  }
  if (sameShape(resolved, x.shape)) return x;
  return record('reshape', view(x, resolved), [x], (g) => [reshape(g, x.shape)]);
}

/** Axes in another order; reversed if left out. */
export function transpose(x: Tensor, given?: readonly number[]): Tensor {
  checkTensor('transpose', 'x', x);
  const order = given ?? [...x.shape.keys()].reverse();
  checkList('transpose', 'order', order);
  resolveAxes('transpose', order, x.shape.length);
  if (order.length !== x.shape.length)
    throw new ShapeError(`transpose: order ${show(order)} for ${show(x.shape)}`);
  const axes = order.map((axis) => (axis < 0 ? axis + x.shape.length : axis));
  const strides = stridesOf(x.shape);
  const y = copy(
    x,
    axes.map((axis) => x.shape[axis]!),
    axes.map((axis) => strides[axis]!),
  );
  const inverse = [...axes.keys()].sort((a, b) => axes[a]! - axes[b]!);
  return record('transpose', y, [x], (g) => [transpose(g, inverse)]);
}

/** Reversed along `axes`, all of them if left out. */
export function flip(x: Tensor, axes?: number | readonly number[]): Tensor {
  checkTensor('flip', 'x', x);
  const reversed = resolveAxes('flip', axes, x.shape.length);
  const strides = stridesOf(x.shape);
  let start = 0;
  for (const axis of reversed) {
    start += strides[axis]! * Math.max(0, x.shape[axis]! - 1);
    strides[axis]! *= -1;
  }
  return record('flip', copy(x, x.shape, strides, start), [x], (g) => [flip(g, reversed)]);
}
