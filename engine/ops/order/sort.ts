/** Sorting along an axis. Places are u32 without a gradient; values are taken by them, so theirs reaches x. */
import { firstPlaces } from '../../../kernels/order/sort.ts';
import { checkOptions } from '../../borders.ts';
import { dispatch, workgroupsFor } from '../../dispatch.ts';
import { resolveAxes, ShapeError, show, sizeOf } from '../../shape.ts';
import { noGrad, record } from '../../tape.ts';
import { checkTensor, type Tensor, tidy, view } from '../../tensor.ts';
import { takeAlongAxis } from '../movement/along-axis.ts';
import { sortedLines } from './sorted-lines.ts';

export interface SortOptions {
  /** The largest first. */
  descending?: boolean | undefined;
}

export interface TopKOptions {
  /** The largest, as if left out, or the smallest. */
  largest?: boolean | undefined;
}

export interface Sorted {
  /** Of the dtype of x. */
  values: Tensor;
  /** u32: values = takeAlongAxis(x, indices, axis). */
  indices: Tensor;
}

/**
 * Where the elements of `x` stand along `axis` once they are sorted, u32 of the shape of x: takeAlongAxis(x, y, axis) is sorted.
 * Stable: equal elements keep their order, also with `descending`; -0 equals 0. NaN is larger than all numbers, as in PyTorch:
 * last, or first with `descending`. x is f32 or u32.
 *
 * @throws ShapeError on an axis out of range.
 */
export function argsort(x: Tensor, axis = -1, options: SortOptions = {}): Tensor {
  checkOptions('argsort', options, 'descending');
  const { descending = false } = options;
  return placesOf('argsort', x, axis, { descending });
}

/**
 * The elements of `x` sorted along `axis` and where they stood, as `argsort` has it. Gradients flow through the values.
 *
 * @throws ShapeError on an axis out of range.
 */
export function sort(x: Tensor, axis = -1, options: SortOptions = {}): Sorted {
  checkOptions('sort', options, 'descending');
  const { descending = false } = options;
  const indices = placesOf('sort', x, axis, { descending });
  return { values: takeAlongAxis(x, indices, axis), indices };
}

/**
 * The `k` largest elements along `axis`, the largest first, and where they stood; or the smallest, the smallest first. Ties
 * and NaN as in `argsort`: NaN counts as the largest. Gradients flow through the values.
 *
 * @throws ShapeError on an axis out of range, or unless k is an integer from 0 to the length of the axis.
 */
export function topK(x: Tensor, k: number, axis = -1, options: TopKOptions = {}): Sorted {
  checkOptions('topK', options, 'largest');
  const { largest = true } = options;
  const indices = placesOf('topK', x, axis, { descending: largest, k: k ?? NaN });
  return { values: takeAlongAxis(x, indices, axis), indices };
}

function placesOf(
  op: string,
  x: Tensor,
  axis: number,
  { descending, k }: { descending: boolean; k?: number },
): Tensor {
  checkTensor(op, 'x', x);
  const [along] = resolveAxes(op, axis, x.shape.length) as [number];
  const length = x.shape[along]!;
  const count = k ?? length;
  if (!Number.isInteger(count) || count < 0 || count > length)
    throw new ShapeError(
      `${op}: k ${count} along axis ${along} of ${show(x.shape)}; wants an integer from 0 to ${length}`,
    );
  const inner = sizeOf(x.shape.slice(along + 1));
  const shape = x.shape.with(along, count);
  const y = tidy(() => {
    const { places } = sortedLines(x, along, descending);
    if (inner === 1 && count === length) return view(places, shape);
    const size = sizeOf(shape);
    return dispatch(firstPlaces, {
      inputs: { places },
      uniforms: { size, length, count, inner },
      outputs: { y: shape },
      workgroups: workgroupsFor(firstPlaces, size),
    }).y;
  });
  return noGrad(() => record(op, y, [x], () => []));
}
