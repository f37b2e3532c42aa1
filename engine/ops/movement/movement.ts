/** Ops that move numbers without computing; the adjoint of each is another of them. */
import { concatInto, MAX_CONCAT_INPUTS } from '../../../kernels/movement/movement.ts';
import { getOrMake } from '../../../kernels/get-or-make.ts';
import type { Kernel } from '../../../kernels/kernel.ts';
import { checkList } from '../../borders.ts';
import { dispatch, noteWrite, workgroupsFor } from '../../dispatch.ts';
import {
  broadcastShapes,
  broadcastStrides,
  checkShape,
  resolveAxes,
  sameShape,
  type Shape,
  ShapeError,
  show,
  sizeOf,
} from '../../shape.ts';
import { record } from '../../tape.ts';
import { checkDtype, checkTensor, empty, type Tensor, view } from '../../tensor.ts';
import type { CopyPlaces } from './copy-into.ts';
import { sumTo } from '../reduce/reduce.ts';
import { slice } from './slice.ts';
import { copy, stridesOf } from './strided.ts';

export { slice, type SliceOptions } from './slice.ts';

const concats = new Map<number, Kernel>();
/** Elements that an invocation copies of the longest of several tensors; of a short one it copies none. */
const COPIES_EACH = 8;
/** Workgroups of one of several tensors, at most, where beginning one costs as much as hundreds of elements. */
const FEW_ACROSS = 2;

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

/**
 * Parts of `x` one after another along `axis`: of the given lengths, or so many equal ones. The inverse of `concat`.
 *
 * @throws ShapeError where the lengths do not add up to the axis, or the number does not divide it.
 */
export function split(x: Tensor, sizes: number | readonly number[], axis = 0): Tensor[] {
  checkTensor('split', 'x', x);
  const [along] = resolveAxes('split', axis, x.shape.length) as [number];
  const length = x.shape[along]!;
  const lengths = typeof sizes === 'number' ? equalParts(sizes, length) : sizes;
  checkList('split', 'sizes', lengths);
  const isWhole = lengths.every((part) => Number.isInteger(part) && part >= 0);
  if (!isWhole || lengths.reduce((total, part) => total + part, 0) !== length) {
    const wanted = typeof sizes === 'number' ? `${sizes} equal parts` : `parts of ${show(sizes)}`;
    throw new ShapeError(`split: axis ${along} of ${show(x.shape)} into ${wanted}`);
  }
  let begin = 0;
  return lengths.map((part) => slice(x, along, begin, (begin += part)));
}

function equalParts(count: number, length: number): number[] {
  return Number.isInteger(count) && count > 0 ? new Array<number>(count).fill(length / count) : [NaN];
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

/** Tensors one after another along `axis`; all other sizes must agree. */
export function concat(parts: readonly Tensor[], axis: number): Tensor {
  checkList('concat', 'parts', parts);
  const first = parts[0];
  if (!first) throw new ShapeError('concat: no tensors');
  for (const [k, part] of parts.entries()) checkTensor('concat', `part ${k}`, part);
  const dtype = parts.every((part) => part.dtype === 'u32') ? 'u32' : 'f32';
  const [along] = resolveAxes('concat', axis, first.shape.length);
  for (const [k, part] of parts.entries()) {
    checkDtype('concat', `part ${k}`, part, dtype);
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
  const y = empty(first.shape.with(along!, length), first.backend, { dtype, label: 'concat' });
  copyBlocks(parts, y, along!, begins);
  return record('concat', y, parts, (g, needs) =>
    parts.map((part, i) =>
      needs[i] ? slice(g, along!, begins[i]!, begins[i]! + part.shape[along!]!) : undefined,
    ),
  );
}

/** Writes each part at its place along `axis` of `y`, as many parts a dispatch as the adapter allows. */
function copyBlocks(parts: readonly Tensor[], y: Tensor, axis: number, begins: readonly number[]): void {
  const inner = sizeOf(y.shape.slice(axis + 1));
  const rows = sizeOf(y.shape.slice(0, axis));
  const widths = parts.map((part) => part.shape[axis]! * inner);
  const starts = begins.map((begin) => begin * inner);
  copyTo(parts, y, { rows, pitch: y.shape[axis]! * inner, widths, starts });
}

/** Beyond this many elements a copy command of its own costs less than a kernel. */
const LARGE_COPY = 2 ** 16;

/** Copies tensors to places of one that exists already; nothing is checked or recorded. See `copyInto`. */
export function copyTo(
  parts: readonly Tensor[],
  y: Tensor,
  { rows, pitch, widths, starts }: CopyPlaces,
): void {
  const isLarge = (k: number) => rows === 1 && widths[k]! >= LARGE_COPY;
  const places = parts.map((part, k) => ({
    part,
    width: widths[k]!,
    start: starts[k]!,
    isLarge: isLarge(k),
  }));
  for (const { part, start, width } of places.filter((place) => place.isLarge)) {
    checkDtype('concat', 'a part', part, y.dtype);
    if (part.storage.memory === y.storage.memory)
      throw new Error('concat: a part and the whole share a buffer');
    noteWrite(y);
    y.backend.copy({ ...part.binding, size: width }, { ...y.binding, offset: y.offset + start });
  }
  const small = places.filter((place) => !place.isLarge);
  const mostAcross = y.backend.isSoftware ? FEW_ACROSS : 65_535;
  const most = Math.min(y.backend.maxStorageBuffers - 1, MAX_CONCAT_INPUTS);
  for (let from = 0; from < small.length; from += most) {
    const some = small.slice(from, from + most);
    const inputs: Record<string, Tensor> = {};
    const uniforms: Record<string, number> = { rows, pitch };
    for (const [k, { part, width, start }] of some.entries()) {
      inputs[`x${k}`] = part;
      uniforms[`width${k}`] = width;
      uniforms[`start${k}`] = start;
    }
    const kernel = getOrMake(concats, some.length, () => concatInto(some.length));
    const widest = Math.max(...some.map(({ width }) => width));
    const across = workgroupsFor(kernel, rows * widest, COPIES_EACH);
    dispatch(kernel, {
      inputs,
      uniforms,
      outputs: { y },
      workgroups: [Math.min(across, mostAcross), 1, some.length],
    });
  }
}
