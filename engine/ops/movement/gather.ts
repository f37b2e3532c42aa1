/** Reading along an axis by index, and adding up by index: each is the adjoint of the other. */
import { gather as gatherKernel, scatter as scatterKernel } from '../../../kernels/movement/movement.ts';
import { dispatch, workgroupsFor } from '../../dispatch.ts';
import { resolveAxes, sameShape, ShapeError, show, sizeOf } from '../../shape.ts';
import { record } from '../../tape.ts';
import { checkDtype, checkTensor, type Tensor } from '../../tensor.ts';

/**
 * Parts of `x` along `axis` by a u32 `index` of any shape, which takes the place of the axis: y[…, j, …] =
 * x[…, index[j], …], NumPy's `take`. An index too large reads the last part.
 *
 * @throws ShapeError on an axis out of range or of length 0.
 */
export function gather(x: Tensor, index: Tensor, axis = 0): Tensor {
  return gatherAlong('gather', x, index, axis);
}

/**
 * The adjoint of `gather`, large indices included: a tensor with `length` along `axis`, where the axes of `index`
 * stood in `x`, to which the parts of `x` are added: y[…, index[j], …] += x[…, j, …], in the order of j. Each element
 * of y reads the whole index.
 *
 * @throws ShapeError where `x` has not the shape of `index` from `axis` on.
 */
export function scatter(x: Tensor, index: Tensor, length: number, axis = 0): Tensor {
  return scatterAlong('scatter', x, index, length, axis);
}

/** Rows of `x` (rows, …) by a u32 `index` (count): y[i] = x[index[i]]. An index too large reads the last row. */
export function gatherRows(x: Tensor, index: Tensor): Tensor {
  return gatherAlong('gatherRows', x, index, 0);
}

/** Adds rows of `x` up into `rows` rows: y[index[i]] += x[i]. The adjoint of `gatherRows`, large indices included. */
export function scatterRows(x: Tensor, index: Tensor, rows: number): Tensor {
  return scatterAlong('scatterRows', x, index, rows, 0);
}

/** `gather` in the name of the op that was called. */
function gatherAlong(op: string, x: Tensor, index: Tensor, axis: number): Tensor {
  checkTensor(op, 'x', x);
  checkDtype(op, 'index', index, 'u32');
  const [along] = resolveAxes(op, axis, x.shape.length) as [number];
  const length = x.shape[along]!;
  if (length === 0 && index.size > 0)
    throw new ShapeError(`${op}: nothing to read along axis ${along} of ${show(x.shape)}`);
  const shape = x.shape.toSpliced(along, 1, ...index.shape);
  const size = sizeOf(shape);
  const { y } = dispatch(gatherKernel, {
    inputs: { x, index },
    uniforms: { size, length, count: index.size, inner: sizeOf(x.shape.slice(along + 1)) },
    outputs: { y: shape },
    workgroups: workgroupsFor(gatherKernel, size),
  });
  // The index is recorded too, so that a later write to it is noticed; no gradient flows there.
  return record(op, y, [x, index], (g) => [scatter(g, index, length, along), undefined]);
}

function scatterAlong(op: string, x: Tensor, index: Tensor, length: number, axis: number): Tensor {
  checkDtype(op, 'x', x, 'f32');
  checkDtype(op, 'index', index, 'u32');
  const rank = x.shape.length - index.shape.length + 1;
  const [along] = resolveAxes(op, axis, rank) as [number];
  const end = along + index.shape.length;
  if (!sameShape(x.shape.slice(along, end), index.shape))
    throw new ShapeError(`${op}: x ${show(x.shape)} from axis ${along} against index ${show(index.shape)}`);
  if (!Number.isInteger(length) || length < 0)
    throw new ShapeError(`${op}: length ${length} along axis ${along}; wants an integer of at least 0`);
  const shape = x.shape.toSpliced(along, index.shape.length, length);
  const size = sizeOf(shape);
  const { y } = dispatch(scatterKernel, {
    inputs: { x, index },
    uniforms: { size, length, count: index.size, inner: sizeOf(x.shape.slice(end)) },
    outputs: { y: shape },
    workgroups: workgroupsFor(scatterKernel, size),
  });
  return record(op, y, [x, index], (g) => [gather(g, index, along), undefined]);
}
