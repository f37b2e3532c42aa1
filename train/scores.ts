/** How far a network's predictions are from the test labels, in the data's own units. */
import type { Dataset } from '../datasets/dataset.ts';
import { angularErrors, rmse } from './evaluate.ts';
import type { MethodResult, TargetScore } from './results.ts';
import { mean } from './statistics.ts';

/** Of images also the angles, in degrees. */
export function scoresOf(
  { test, pictures }: Dataset,
  predicted: ArrayLike<number>,
): Pick<MethodResult, 'rmse' | 'targets' | 'angularError' | 'angularErrors'> {
  const { y, outputs } = test;
  const targets = Array.from({ length: outputs }, (_, k) =>
    targetScore(columnOf(y, k, outputs), columnOf(predicted, k, outputs)),
  );
  const scores = { rmse: rmse(predicted, y), targets };
  if (!pictures) return scores;
  const angles = angularErrors(predicted, y, outputs);
  return { ...scores, angularError: mean([...angles]), angularErrors: angles };
}

function columnOf(values: ArrayLike<number>, column: number, columns: number): Float64Array {
  return Float64Array.from({ length: values.length / columns }, (_, row) => values[row * columns + column]!);
}

function targetScore(label: Float64Array, predicted: Float64Array): TargetScore {
  const middle = mean([...label]);
  let [absolute, squares, spread] = [0, 0, 0];
  for (const [row, value] of label.entries()) {
    const gap = predicted[row]! - value;
    absolute += Math.abs(gap);
    squares += gap ** 2;
    spread += (value - middle) ** 2;
  }
  return {
    rmse: Math.sqrt(squares / label.length),
    mae: absolute / label.length,
    r2: spread > 0 ? 1 - squares / spread : null,
  };
}
