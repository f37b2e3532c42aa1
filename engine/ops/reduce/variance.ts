/** Variance and standard deviation over axes. */
import { checkOptions } from '../../borders.ts';
import { resolveAxes, type Shape, ShapeError, show, sizeOf } from '../../shape.ts';
import { checkDtype, type Tensor } from '../../tensor.ts';
import { equal, mul, notEqual, sqrt, where } from '../pointwise/elementwise.ts';
import { reshape, transpose } from '../movement/movement.ts';
import { sum } from './sum.ts';
import type { Axes, ReduceOptions } from './reduction.ts';
import { momentsOf } from './standardize.ts';

export interface VarianceOptions extends ReduceOptions {
  /**
   * The sum of squared distances is divided by the number of elements less this: 0, as if left out, as in NumPy and for
   * `batchStatistics`; 1, PyTorch's default, for an unbiased estimate of what a sample was drawn from.
   */
  correction?: number | undefined;
}

/**
 * Σ (x - mean)² / (n - correction) over `axes`, all of them if left out, for n elements each.
 *
 * @throws ShapeError on axes out of range, and unless there are more elements than `correction`, a number of at least 0.
 */
export function variance(x: Tensor, axes?: Axes, options: VarianceOptions = {}): Tensor {
  return varianceOver('variance', x, axes, options);
}

/**
 * The square root of `variance`, with the same options. Where it is 0, its gradient is 0 instead of undefined.
 *
 * @throws ShapeError as `variance`.
 */
export function std(x: Tensor, axes?: Axes, options: VarianceOptions = {}): Tensor {
  const squared = varianceOver('std', x, axes, options);
  return mul(sqrt(where(equal(squared, 0), 1, squared)), notEqual(squared, 0));
}

function varianceOver(op: string, x: Tensor, given: Axes | undefined, options: VarianceOptions): Tensor {
  checkOptions(op, options, 'correction keepDims');
  const { correction = 0, keepDims = false } = options;
  checkDtype(op, 'x', x, 'f32');
  const axes = resolveAxes(op, given, x.shape.length);
  const isReduced = (_: number, axis: number) => axes.includes(axis);
  const count = sizeOf(x.shape.filter(isReduced));
  if (!(correction >= 0 && correction < count))
    throw new ShapeError(
      `${op}: ${count} elements along axes ${axes.join(', ')} of ${show(x.shape)} with correction ${correction}; wants more elements than that, and at least 0`,
    );
  const shape = x.shape.flatMap((length, axis) => (axes.includes(axis) ? (keepDims ? [1] : []) : [length]));
  if (x.size === 0) return sum(x, axes, { keepDims });
  const biased = momentsOf(inColumns(x, axes, sizeOf(shape)), [sizeOf(shape)]).variance;
  const scaled = correction === 0 ? biased : mul(biased, count / (count - correction));
  return reshape(scaled, shape);
}

/** (1, outer, channels, inner), with the reduced axes outer and inner. */
function inColumns(x: Tensor, axes: readonly number[], channels: number): Tensor {
  const kept = [...x.shape.keys()].filter((axis) => !axes.includes(axis));
  // Together in the middle, or else moved to the front.
  const isTogether = kept.every((axis, i) => axis === kept[0]! + i);
  const from = kept[0] ?? 0;
  const outer: Shape = isTogether ? x.shape.slice(0, from) : [];
  const moved = isTogether ? x : transpose(x, [...kept, ...axes]);
  const inner = channels === 0 ? 1 : x.size / channels / sizeOf(outer);
  return reshape(moved, [1, sizeOf(outer), channels, inner]);
}
