/** Writing tensors into parts of one that exists already. */
import { checkList, checkOptions } from '../../borders.ts';
import { show } from '../../shape.ts';
import { checkDtype, checkTensor, type Tensor } from '../../tensor.ts';
import { type CopyPlaces, copyTo } from './copy-to.ts';

export type { CopyPlaces };

/**
 * Copies tensors to places of `y`, in place: element j of row r of part k becomes element starts[k] + r · pitch + j. A
 * captured step repeats it. Nothing is recorded: a graph that used `y` throws when its gradient is asked for.
 *
 * @throws RangeError where a part is shorter than its places, or these lie outside of `y`; Error on another type.
 */
export function copyInto(parts: readonly Tensor[], y: Tensor, places: CopyPlaces): void {
  checkList('copyInto', 'parts', parts);
  checkTensor('copyInto', 'y', y);
  checkOptions('copyInto', places, 'rows pitch widths starts', true);
  checkPlaces(parts, y, places);
  copyTo(parts, y, places);
}

function checkPlaces(parts: readonly Tensor[], y: Tensor, { rows, pitch, widths, starts }: CopyPlaces): void {
  for (const [k, part] of parts.entries()) {
    checkDtype('copyInto', `part ${k}`, part, y.dtype);
    const [width, start] = [widths?.[k], starts?.[k]];
    const numbers = [rows, pitch, width, start];
    const isWhole = numbers.every((n) => Number.isInteger(n) && n! >= 0);
    if (!isWhole || rows * width! > part.size || start! + Math.max(0, rows - 1) * pitch + width! > y.size)
      throw new RangeError(
        `copyInto: part ${k} ${show(part.shape)} in ${rows} rows of ${width}, ${pitch} apart from ${start} on, does not fit into y ${show(y.shape)}`,
      );
  }
}
