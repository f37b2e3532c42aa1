/** Sums and stretches: each is the adjoint of the other. */
import {
  broadcastShapes,
  broadcastStrides,
  checkShape,
  sameShape,
  type Shape,
  ShapeError,
  show,
} from '../../shape.ts';
import { record } from '../../tape.ts';
import { checkTensor, type Tensor } from '../../tensor.ts';
import { reshape } from '../movement/movement.ts';
import { copy } from '../movement/strided.ts';
import { type Axes, type ReduceOptions, reduceOver } from './reduction.ts';

/** Sum over `axes`, all of them if left out; 0 where there is nothing to add. */
export function sum(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const { y, kept } = reduceOver('sum', x, axes, options);
  return record('sum', y, [x], (g) => [broadcastTo(reshape(g, kept), x.shape)]);
}

/** Stretches sizes of 1, and adds leading axes, to reach `shape`. */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  checkTensor('broadcastTo', 'x', x);
  checkShape('broadcastTo', shape);
  if (sameShape(x.shape, shape)) return x;
  if (!sameShape(broadcastShapes('broadcastTo', x.shape, shape), shape)) {
    throw new ShapeError(`broadcastTo: ${show(x.shape)} does not stretch to ${show(shape)}`);
  }
  const y = copy(x, shape, broadcastStrides(x.shape, shape));
  return record('broadcastTo', y, [x], (g) => [sumTo(g, x.shape)]);
}

/** The adjoint of broadcasting: sums `x` over what was stretched to make it from `shape`. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  checkTensor('sumTo', 'x', x);
  checkShape('sumTo', shape);
  if (sameShape(x.shape, shape)) return x;
  if (!sameShape(broadcastShapes('sumTo', x.shape, shape), x.shape))
    throw new ShapeError(`sumTo: ${show(x.shape)} was not stretched from ${show(shape)}`);
  const lead = x.shape.length - shape.length;
  const axes = x.shape.flatMap((length, axis) => {
    const isStretched = axis < lead || (shape[axis - lead] === 1 && length !== 1);
    return isStretched ? [axis] : [];
  });
  return reshape(sum(x, axes, { keepDims: true }), shape);
}
