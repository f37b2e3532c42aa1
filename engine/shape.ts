/** Shape arithmetic, broadcasting, and errors that show shapes. */
import { inWords } from './borders.ts';

/** Sizes from the outermost to the innermost dimension; `[]` is a scalar. */
export type Shape = readonly number[];

/** Thrown where shapes do not fit; the message names the op and the shapes. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
  readonly exitCode = 1;
}

export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

/** A shape as text: `[8, 3]`. */
export function show(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

/** Throws unless every size is a non-negative integer. */
export function checkShape(op: string, shape: Shape): void {
  if (!Array.isArray(shape))
    throw new ShapeError(`${op}: the shape must be a list of sizes such as [2, 3], got ${inWords(shape)}`);
  if (shape.some((length) => !Number.isInteger(length) || length < 0)) {
    throw new ShapeError(`${op}: ${show(shape)} is not a shape; sizes are integers of at least 0`);
  }
}

/** NumPy's rule: shapes are aligned at their ends, and a size of 1 stretches. */
export function broadcastShapes(op: string, ...shapes: Shape[]): Shape {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    const lead = rank - shape.length;
    for (const [axis, length] of shape.entries()) {
      const current = result[lead + axis]!;
      if (current !== length && current !== 1 && length !== 1) {
        throw new ShapeError(`${op}: shapes do not broadcast, ${shapes.map(show).join(' and ')}`);
      }
      if (current === 1) result[lead + axis] = length;
    }
  }
  return result;
}

/** Axes as sorted non-negative numbers; `undefined` means all of them. Throws on one out of range or twice. */
export function resolveAxes(
  op: string,
  axes: number | readonly number[] | undefined,
  rank: number,
): number[] {
  const given = axes === undefined ? [...Array(rank).keys()] : typeof axes === 'number' ? [axes] : axes;
  if (!Array.isArray(given))
    throw new ShapeError(`${op}: wants an axis or a list of axes, got ${inWords(given)}`);
  const resolved = (given as readonly number[])
    .map((axis) => (axis < 0 ? axis + rank : axis))
    .sort((a, b) => a - b);
  for (const [i, axis] of resolved.entries()) {
    if (!Number.isInteger(axis) || axis < 0 || axis >= rank) {
      throw new ShapeError(`${op}: axis ${given.join(', ')} is out of range for rank ${rank}`);
    }
    if (axis === resolved[i - 1]) throw new ShapeError(`${op}: axis ${axis} is named twice`);
  }
  return resolved;
}

/** Strides in elements of a contiguous tensor; 0 where `shape` is stretched to `to`. Lead axes of `to` get 0. */
export function broadcastStrides(shape: Shape, to: Shape): number[] {
  const strides = new Array<number>(to.length).fill(0);
  const lead = to.length - shape.length;
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis]!;
    if (length !== 1) strides[lead + axis] = stride;
    stride *= length;
  }
  return strides;
}

/**
 * Merges neighbouring axes that every operand walks through in one stride, so that kernels see the lowest rank:
 * `[8, 16, 32] + [32]` becomes `[128, 32]` with strides `[32, 1]` and `[0, 1]`.
 */
export function collapse(
  shape: Shape,
  strides: readonly number[][],
): { shape: number[]; strides: number[][] } {
  const outShape: number[] = [];
  const outStrides: number[][] = strides.map(() => []);
  for (const [axis, length] of shape.entries()) {
    if (length === 1) continue;
    const last = outShape.length - 1;
    if (last >= 0 && strides.every((s, i) => outStrides[i]![last] === s[axis]! * length)) {
      outShape[last]! *= length;
      for (const [i, s] of strides.entries()) outStrides[i]![last] = s[axis]!;
    } else {
      outShape.push(length);
      for (const [i, s] of strides.entries()) outStrides[i]!.push(s[axis]!);
    }
  }
  if (outShape.length === 0) return { shape: [1], strides: strides.map(() => [0]) };
  return { shape: outShape, strides: outStrides };
}
