/** How far predictions are from labels, in the data's own units. */
import type { Dataset } from '../datasets/dataset.ts';
import { classError } from '../tasks/classification.ts';
import { gaze } from '../tasks/gaze.ts';
import { rmse, rmseMetric } from '../tasks/regression.ts';
import { measured, type Task } from '../tasks/task.ts';
import type { CurvePoint, MethodResult, TargetScore } from './results.ts';
import { mean } from '../base/statistics.ts';

/** By every metric of the task, over all targets together. */
export function errorsOf(
  task: Task,
  { test }: Dataset,
  predicted: ArrayLike<number>,
): Pick<MethodResult, 'scores' | 'rmse' | 'angularError' | 'angularErrors'> {
  const outputs = predicted.length / test.rows;
  const found = task.metrics.map(
    (metric) => [metric.name, measured(metric, predicted, test.y, outputs)] as const,
  );
  const scores = Object.fromEntries(found.map(([name, { value }]) => [name, value]));
  if (task.labels === 'classes') return { scores };
  const angle = new Map(found).get(gaze.metrics[0].name);
  return {
    scores,
    rmse: scores[rmseMetric.name] ?? rmse(predicted, test.y),
    ...(angle ? { angularError: angle.value, angularErrors: angle.rows! } : {}),
  };
}

/** What a curve has of a network on the way. */
export function pointOf({
  scores,
  rmse: testRmse,
  angularError: testAngularError,
}: Pick<MethodResult, 'scores' | 'rmse' | 'angularError'>): Omit<CurvePoint, 'step' | 'loss'> {
  const testError = scores[classError.name];
  return {
    ...(testRmse === undefined ? {} : { testRmse }),
    ...(testAngularError === undefined ? {} : { testAngularError }),
    ...(testRmse === undefined && testError !== undefined ? { testError } : {}),
  };
}

/** Of each target; none where labels are classes. */
export function targetScoresOf(
  { classes, test: { y, outputs } }: Dataset,
  predicted: ArrayLike<number>,
): TargetScore[] {
  if (classes) return [];
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
