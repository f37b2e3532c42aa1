/** Copies of several tensors to places of one, as few dispatches as the adapter allows. */
import { concatInto, MAX_CONCAT_INPUTS } from '../../../kernels/movement/movement.ts';
import { getOrMake } from '../../../kernels/get-or-make.ts';
import type { Kernel } from '../../../kernels/kernel.ts';
import { dispatch, noteWrite, workgroupsFor } from '../../dispatch.ts';
import { checkDtype, type Tensor } from '../../tensor.ts';

/** Where tensors go in one that exists already, in its elements. */
export interface CopyPlaces {
  /** Rows of every part; 1 copies it in one piece. */
  readonly rows: number;
  /** Elements of `y` from one row to the next. */
  readonly pitch: number;
  /** Elements of part k in a row: rows · width elements are copied. */
  readonly widths: readonly number[];
  /** Where the first row of part k begins. */
  readonly starts: readonly number[];
}

const concats = new Map<number, Kernel>();
/** Elements that an invocation copies of the longest of several tensors; of a short one it copies none. */
const COPIES_EACH = 8;
/** Workgroups of one of several tensors, at most, where beginning one costs as much as hundreds of elements. */
const FEW_ACROSS = 2;

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
