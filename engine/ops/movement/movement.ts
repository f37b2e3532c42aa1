/** Ops that move numbers without computing; the adjoint of each is another of them. */
import { concatInto, MAX_CONCAT_INPUTS, stridedCopy } from '../../../kernels/movement.ts';
import { getOrMake } from '../../../kernels/get-or-make.ts';
import type { Kernel } from '../../../kernels/kernel.ts';
import { dispatch, noteWrite, workgroupsFor } from '../../dispatch.ts';
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
} from '../../shape.ts';
import { record } from '../../tape.ts';
import { empty, type Tensor, view } from '../../tensor.ts';
import { padConstant } from './pad-constant.ts';
import { sumTo } from '../reduce/reduce.ts';

const copies = new Map<number, Kernel>();
const concats = new Map<number, Kernel>();
/** Elements that an invocation copies of the longest of several tensors; of a short one it copies none. */
const COPIES_EACH = 8;
/** Workgroups of one of several tensors, at most, where beginning one costs as much as hundreds of elements. */
const FEW_ACROSS = 2;

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

export interface SliceOptions {
  /** Every so many elements. */
  step?: number;
}

/**
 * The part of `x` from `begin` (inclusive) to `end` (exclusive) along one axis.
 *
 * @throws ShapeError unless 0 ≤ begin ≤ end ≤ the length of the axis, and on a step that is not an integer of at least 1.
 */
export function slice(
  x: Tensor,
  axis: number,
  begin: number,
  end: number,
  { step = 1 }: SliceOptions = {},
): Tensor {
  const [along] = resolveAxes('slice', axis, x.shape.length) as [number];
  const length = x.shape[along]!;
  const isPart = Number.isInteger(begin) && Number.isInteger(end);
  if (!(isPart && begin >= 0 && begin <= end && end <= length))
    throw new ShapeError(`slice: ${begin} to ${end} along axis ${along} of ${show(x.shape)}`);
  if (!Number.isInteger(step) || step < 1)
    throw new ShapeError(`slice: step ${step}; wants an integer of at least 1`);
  const strides = stridesOf(x.shape);
  const stride = strides[along]!;
  const shape = x.shape.with(along, Math.ceil((end - begin) / step));
  const y = copy(x, shape, strides.with(along, stride * step), begin * stride);
  return record('slice', y, [x], (g) => [place(g, along, { begin, step, length })]);
}

/** The adjoint of `slice`: zeros of `length` along an axis, with `x` at every `step` elements from `begin` on. */
function place(
  x: Tensor,
  axis: number,
  { begin, step, length }: { begin: number; step: number; length: number },
): Tensor {
  const room = length - begin;
  let y = x;
  if (step > 1) {
    // (…, n, …) to (…, n, 1, …), zeros to (…, n, step, …), and that is (…, n · step, …).
    const spread = padConstant(reshape(x, x.shape.toSpliced(axis + 1, 0, 1)), axis + 1, [0, step - 1]);
    y = reshape(spread, x.shape.with(axis, x.shape[axis]! * step));
    if (y.shape[axis]! > room) y = slice(y, axis, 0, room);
  }
  return padConstant(y, axis, [begin, room - y.shape[axis]!]);
}

/**
 * Parts of `x` one after another along `axis`: of the given lengths, or so many equal ones. The inverse of `concat`.
 *
 * @throws ShapeError where the lengths do not add up to the axis, or the number does not divide it.
 */
export function split(x: Tensor, sizes: number | readonly number[], axis = 0): Tensor[] {
  const [along] = resolveAxes('split', axis, x.shape.length) as [number];
  const length = x.shape[along]!;
  const lengths = typeof sizes === 'number' ? equalParts(sizes, length) : sizes;
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

/** Writes each part at its place along `axis` of `y`, as many parts a dispatch as the adapter allows. */
function copyBlocks(parts: readonly Tensor[], y: Tensor, axis: number, begins: readonly number[]): void {
  const inner = sizeOf(y.shape.slice(axis + 1));
  const rows = sizeOf(y.shape.slice(0, axis));
  const widths = parts.map((part) => part.shape[axis]! * inner);
  const starts = begins.map((begin) => begin * inner);
  copyInto(parts, y, { rows, pitch: y.shape[axis]! * inner, widths, starts });
}

/** Beyond this many elements a copy command of its own costs less than a kernel. */
const LARGE_COPY = 2 ** 16;

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
  const isLarge = (k: number) => rows === 1 && widths[k]! >= LARGE_COPY;
  const places = parts.map((part, k) => ({
    part,
    width: widths[k]!,
    start: starts[k]!,
    isLarge: isLarge(k),
  }));
  for (const { part, start, width } of places.filter((place) => place.isLarge)) {
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
