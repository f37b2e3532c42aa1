/** How far predictions are from labels, in the data's own units. */
import type { Dataset } from '../datasets/dataset.ts';
import { angularErrors, rmse } from './data/evaluate.ts';
import type { MethodResult, TargetScore } from './results.ts';
import { mean } from '../base/statistics.ts';

/** Over all targets together; of images also the angles, in degrees. */
export function errorsOf(
  { test, pictures }: Dataset,
  predicted: ArrayLike<number>,
): Pick<MethodResult, 'rmse' | 'angularError' | 'angularErrors'> {
  const error = rmse(predicted, test.y);
  if (!pictures) return { rmse: error };
  const angles = angularErrors(predicted, test.y, test.outputs);
  return { rmse: error, angularError: mean([...angles]), angularErrors: angles };
}

/** Of each target. */
export function targetScoresOf(
  { test: { y, outputs } }: Dataset,
  predicted: ArrayLike<number>,
): TargetScore[] {
  return Array.from({ length: outputs }, (_, k) =>
    targetScore(columnOf(y, k, outputs), columnOf(predicted, k, outputs)),
  );
}

/** Column k of rows of `columns` numbers. */
export function columnOf(values: ArrayLike<number>, k: number, columns: number): Float64Array {
  return Float64Array.from({ length: values.length / columns }, (_, row) => values[row * columns + k]!);
}

/** Of one target that has a label in every row, and at least one row. */
export function targetScore(label: Float64Array, predicted: Float64Array): TargetScore {
  const middle = mean([...label]);
  let [absolute, squares, spread] = [0, 0, 0];
  for (const [row, value] of label.entries()) {
    const gap = predicted[row]! - value;
    absolute += Math.abs(gap);
    squares += gap ** 2;
    spread += (value - middle) ** 2;
  }
  // A mean may be off by rounding, and the labels' spread nothing else.
  const isConstant = label.every((value) => value === label[0]);
  return {
    rmse: Math.sqrt(squares / label.length),
    mae: absolute / label.length,
    r2: isConstant ? null : 1 - squares / spread,
  };
}
