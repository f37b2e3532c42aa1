/** How far a network's predictions are from the test labels, in the data's own units. */
import type { Dataset } from '../datasets/dataset.ts';
import { angularErrors, rmse } from './evaluate.ts';
import type { MethodResult } from './results.ts';
import { mean } from './statistics.ts';

/** Of images also the angles, in degrees. */
export function scoresOf(
  { test, pictures }: Dataset,
  predicted: ArrayLike<number>,
): Pick<MethodResult, 'rmse' | 'angularError' | 'angularErrors'> {
  const scores = { rmse: rmse(predicted, test.y) };
  if (!pictures) return scores;
  const angles = angularErrors(predicted, test.y, test.outputs);
  return { ...scores, angularError: mean([...angles]), angularErrors: angles };
}
