/** Tensors side by side along an axis of their own. */
import { checkList } from '../../borders.ts';
import { sameShape, ShapeError, show } from '../../shape.ts';
import { checkTensor, type Tensor } from '../../tensor.ts';
import { reshape } from './movement.ts';
import { concat } from './concat.ts';

/**
 * Tensors of one shape and dtype along a new `axis`, which has their number as its length: two of (3, 4) give (2, 3, 4), and along
 * -1 (3, 4, 2). The inverse of taking them apart with `split` and `reshape`.
 *
 * @throws ShapeError on no tensors, on shapes that differ, and on an axis that the result has not.
 */
export function stack(parts: readonly Tensor[], axis = 0): Tensor {
  checkList('stack', 'parts', parts);
  const [first] = parts;
  if (!first) throw new ShapeError('stack: no tensors');
  for (const [k, part] of parts.entries()) {
    checkTensor('stack', `part ${k}`, part);
    if (!sameShape(part.shape, first.shape))
      throw new ShapeError(`stack: ${show(first.shape)} and ${show(part.shape)} differ`);
  }
  const rank = first.shape.length + 1;
  const along = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(along) || along < 0 || along >= rank)
    throw new ShapeError(`stack: axis ${axis} is out of range for the result's rank ${rank}`);
  const shape = first.shape.toSpliced(along, 0, 1);
  return concat(
    parts.map((part) => reshape(part, shape)),
    along,
  );
}
