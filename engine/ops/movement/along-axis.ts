/** Reading along an axis by an index for each line, and adding up so: each is the adjoint of the other. */
import {
  addAlong as addKernel,
  addAlongSorted as addSortedKernel,
  takeAlong as takeKernel,
} from '../../../kernels/movement/along-axis.ts';
import { dispatch, workgroupsFor } from '../../dispatch.ts';
import { broadcastShapes, resolveAxes, sameShape, ShapeError, show, sizeOf } from '../../shape.ts';
import { record } from '../../tape.ts';
import { checkDtype, checkTensor, type Tensor, tidy } from '../../tensor.ts';
import { broadcastTo } from '../reduce/sum.ts';
import { sortedLines } from '../order/sorted-lines.ts';

/**
 * y[…, j, …] = x[…, index[…, j, …], …] along `axis`: NumPy's `take_along_axis`, PyTorch's `gather`. The u32 `index` has as many
 * axes as x, and all but `axis` broadcast. An index too large reads the last element. x is f32 or u32; gradients flow to it.
 *
 * @throws ShapeError on an axis out of range, shapes that do not broadcast, or where there is nothing to read.
 */
export function takeAlongAxis(x: Tensor, index: Tensor, axis = -1): Tensor {
  const op = 'takeAlongAxis';
  checkTensor(op, 'x', x);
  checkDtype(op, 'index', index, 'u32');
  const [along] = resolveAxes(op, axis, x.shape.length) as [number];
  if (index.shape.length !== x.shape.length)
    throw new ShapeError(`${op}: index ${show(index.shape)} for x ${show(x.shape)}; wants as many axes`);
  const length = x.shape[along]!;
  const others = broadcastShapes(op, x.shape.with(along, 1), index.shape.with(along, 1));
  const shape = others.with(along, index.shape[along]!);
  if (length === 0 && sizeOf(shape) > 0)
    throw new ShapeError(`${op}: nothing to read along axis ${along} of ${show(x.shape)}`);
  return takeAlong(broadcastTo(x, others.with(along, length)), broadcastTo(index, shape), along);
}

function takeAlong(x: Tensor, index: Tensor, axis: number): Tensor {
  const { shape } = index;
  const length = x.shape[axis]!;
  const { y } = dispatch(takeKernel, {
    inputs: { x, index },
    uniforms: { size: index.size, length, count: shape[axis]!, inner: sizeOf(shape.slice(axis + 1)) },
    outputs: { y: shape },
    workgroups: workgroupsFor(takeKernel, index.size),
  });
  // The index is recorded too, so that a later write to it is noticed; no gradient flows there.
  return record('takeAlongAxis', y, [x, index], (g) => [addAlongAxis(g, index, length, axis), undefined]);
}

/** Of a longer index each element would read too much: it is sorted first. The sums are the same. */
const LONG_INDEX = 64;

/**
 * The adjoint of `takeAlongAxis`, large indices included: zeros with `length` along `axis`, to which x is added,
 * y[…, index[…, j, …], …] += x[…, j, …]: PyTorch's `scatter_add`. Each sum is in the order of j, and rounded about once.
 *
 * @throws ShapeError on an axis out of range, an index of another shape than x, or a length that is no integer of at least 0.
 */
export function addAlongAxis(x: Tensor, index: Tensor, length: number, axis = -1): Tensor {
  const op = 'addAlongAxis';
  checkDtype(op, 'x', x, 'f32');
  checkDtype(op, 'index', index, 'u32');
  const [along] = resolveAxes(op, axis, x.shape.length) as [number];
  if (!sameShape(x.shape, index.shape))
    throw new ShapeError(`${op}: index ${show(index.shape)} for x ${show(x.shape)}; wants the same shape`);
  if (!Number.isInteger(length) || length < 0)
    throw new ShapeError(`${op}: length ${length} along axis ${along}; wants an integer of at least 0`);
  if (length === 0 && x.size > 0)
    throw new ShapeError(`${op}: length 0 along axis ${along}, and x ${show(x.shape)} to be added`);
  const shape = x.shape.with(along, length);
  const size = sizeOf(shape);
  const count = x.shape[along]!;
  const uniforms = { size, length, count, inner: sizeOf(shape.slice(along + 1)) };
  const y =
    count <= LONG_INDEX
      ? dispatch(addKernel, {
          inputs: { x, index },
          uniforms,
          outputs: { y: shape },
          workgroups: workgroupsFor(addKernel, size),
        }).y
      : tidy(
          () =>
            dispatch(addSortedKernel, {
              inputs: { x, ...sortedLines(index, along, false) },
              uniforms,
              outputs: { y: shape },
              workgroups: workgroupsFor(addSortedKernel, size),
            }).y,
        );
  return record(op, y, [x, index], (g) => [takeAlong(g, index, along), undefined]);
}
