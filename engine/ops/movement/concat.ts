/** Tensors one after another, and parts of one: each is the adjoint of the other. */
import { checkList } from '../../borders.ts';
import { resolveAxes, sameShape, ShapeError, show, sizeOf } from '../../shape.ts';
import { record } from '../../tape.ts';
import { checkDtype, checkTensor, empty, type Tensor } from '../../tensor.ts';
import { copyTo } from './copy-to.ts';
import { slice } from './slice.ts';

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
