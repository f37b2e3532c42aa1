/** Ops that move numbers without computing; the adjoint of each is another of them. */
import {
  concatInto,
  gatherRows as gatherKernel,
  MAX_CONCAT_INPUTS,
  scatterRows as scatterKernel,
  stridedCopy,
} from '../../kernels/movement.ts';
import { getOrMake } from '../../kernels/get-or-make.ts';
import type { Kernel } from '../../kernels/kernel.ts';
import { dispatch, workgroupsFor } from '../dispatch.ts';
import {
  broadcastShapes,
  broadcastStrides,
  collapse,
  resolveAxes,
  sameShape,
  type Shape,
  ShapeError,
  show,
  sizeOf,
} from '../shape.ts';
import { record } from '../tape.ts';
import { empty, type Tensor, view } from '../tensor.ts';
import { sumTo } from './reduce.ts';

const copies = new Map<number, Kernel>();
const concats = new Map<number, Kernel>();

/** y[p] = x[start + Σ p·stride]. */
function copy(x: Tensor, shape: Shape, strides: readonly number[], start = 0): Tensor {
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

function stridesOf(shape: Shape): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

/** The same numbers under another shape; -1 stands for what is left. Shares memory. */
export function reshape(x: Tensor, shape: Shape): Tensor {
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
export function transpose(x: Tensor, order: readonly number[] = [...x.shape.keys()].reverse()): Tensor {
  if (order.length !== x.shape.length)
    throw new ShapeError(`transpose: order ${show(order)} for ${show(x.shape)}`);
  resolveAxes('transpose', order, x.shape.length);
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

/** Stretches sizes of 1, and adds leading axes, to reach `shape`. */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  if (!sameShape(broadcastShapes('broadcastTo', x.shape, shape), shape)) {
    throw new ShapeError(`broadcastTo: ${show(x.shape)} does not stretch to ${show(shape)}`);
  }
  const y = copy(x, shape, broadcastStrides(x.shape, shape));
  return record('broadcastTo', y, [x], (g) => [sumTo(g, x.shape)]);
}

/** The part of `x` from `begin` (inclusive) to `end` (exclusive) along one axis. */
export function slice(x: Tensor, axis: number, begin: number, end: number): Tensor {
  const [along] = resolveAxes('slice', axis, x.shape.length);
  const length = x.shape[along!]!;
  if (!(begin >= 0 && begin <= end && end <= length)) {
    throw new ShapeError(`slice: ${begin} to ${end} along axis ${along} of ${show(x.shape)}`);
  }
  const strides = stridesOf(x.shape);
  const shape = x.shape.with(along!, end - begin);
  const y = copy(x, shape, strides, begin * strides[along!]!);
  return record('slice', y, [x], (g) => [padZeros(g, along!, begin, length - end)]);
}

/** Zeros before and after along one axis: the adjoint of `slice`. */
function padZeros(x: Tensor, axis: number, before: number, after: number): Tensor {
  const length = x.shape[axis]!;
  const shape = x.shape.with(axis, before + length + after);
  const y = empty(shape, x.backend, { label: 'pad' });
  x.backend.clear(y.storage.memory);
  copyBlocks([x], y, axis, [before]);
  return record('pad', y, [x], (g) => [slice(g, axis, before, before + length)]);
}

/** Tensors one after another along `axis`; all other sizes must agree. */
export function concat(parts: readonly Tensor[], axis: number): Tensor {
  const first = parts[0];
  if (!first) throw new ShapeError('concat: no tensors');
  const [along] = resolveAxes('concat', axis, first.shape.length);
  for (const part of parts) {
    if (
      part.shape.length !== first.shape.length ||
      !sameShape(part.shape.with(along!, 0), first.shape.with(along!, 0))
    ) {
      throw new ShapeError(
        `concat: ${show(first.shape)} and ${show(part.shape)} differ besides axis ${along}`,
      );
    }
  }
  const begins: number[] = [];
  let length = 0;
  for (const part of parts) {
    begins.push(length);
    length += part.shape[along!]!;
  }
  const y = empty(first.shape.with(along!, length), first.backend, { label: 'concat' });
  copyBlocks(parts, y, along!, begins);
  return record('concat', y, parts, (g, needs) =>
    parts.map((part, i) =>
      needs[i] ? slice(g, along!, begins[i]!, begins[i]! + part.shape[along!]!) : undefined,
    ),
  );
}

/** Writes each part at its place along `axis` of `y`, up to seven parts a dispatch. */
function copyBlocks(parts: readonly Tensor[], y: Tensor, axis: number, begins: readonly number[]): void {
  const inner = sizeOf(y.shape.slice(axis + 1));
  const rows = sizeOf(y.shape.slice(0, axis));
  const widths = parts.map((part) => part.shape[axis]! * inner);
  const starts = begins.map((begin) => begin * inner);
  copyInto(parts, y, { rows, pitch: y.shape[axis]! * inner, widths, starts });
}

/** Copies tensors to places of a tensor that exists already; see `concatInto`. Nothing is recorded. */
export function copyInto(
  parts: readonly Tensor[],
  y: Tensor,
  {
    rows,
    pitch,
    widths,
    starts,
  }: { rows: number; pitch: number; widths: readonly number[]; starts: readonly number[] },
): void {
  for (let from = 0; from < parts.length; from += MAX_CONCAT_INPUTS) {
    const some = parts.slice(from, from + MAX_CONCAT_INPUTS);
    const inputs: Record<string, Tensor> = {};
    const widest = Math.max(...widths.slice(from, from + some.length));
    const uniforms: Record<string, number> = { rows, pitch, widest };
    for (const [k, part] of some.entries()) {
      inputs[`x${k}`] = part;
      uniforms[`width${k}`] = widths[from + k]!;
      uniforms[`start${k}`] = starts[from + k]!;
    }
    const kernel = getOrMake(concats, some.length, () => concatInto(some.length));
    const across = Math.min(65_535, workgroupsFor(kernel, rows * widest));
    dispatch(kernel, { inputs, uniforms, outputs: { y }, workgroups: [across, 1, some.length] });
  }
}

/** Rows of `x` (rows, …) by a u32 `index` (count): y[i] = x[index[i]]. An index too large reads the last row. */
export function gatherRows(x: Tensor, index: Tensor): Tensor {
  checkIndex('gatherRows', index);
  const rows = x.shape[0] ?? 1;
  const width = sizeOf(x.shape.slice(1));
  const shape = [index.size, ...x.shape.slice(1)];
  const size = sizeOf(shape);
  const workgroups = workgroupsFor(gatherKernel, size);
  const { y } = dispatch(gatherKernel, {
    inputs: { x, index },
    uniforms: { size, width, rows },
    outputs: { y: shape },
    workgroups,
  });
  // The index is recorded too, so that a later write to it is noticed; no gradient flows there.
  return record('gatherRows', y, [x, index], (g) => [scatterRows(g, index, rows), undefined]);
}

/** Adds rows of `x` up into `rows` rows: y[index[i]] += x[i]. The adjoint of `gatherRows`, large indices included. */
export function scatterRows(x: Tensor, index: Tensor, rows: number): Tensor {
  checkIndex('scatterRows', index);
  const width = sizeOf(x.shape.slice(1));
  const shape = [rows, ...x.shape.slice(1)];
  const size = sizeOf(shape);
  const uniforms = { size, width, count: index.size };
  const workgroups = workgroupsFor(scatterKernel, size);
  const { y } = dispatch(scatterKernel, {
    inputs: { x, index },
    uniforms,
    outputs: { y: shape },
    workgroups,
  });
  return record('scatterRows', y, [x, index], (g) => [gatherRows(g, index), undefined]);
}

function checkIndex(op: string, index: Tensor): void {
  if (index.dtype !== 'u32')
    throw new Error(`${op}: the index must be u32; make it with tensor(…, { dtype: 'u32' })`);
}
