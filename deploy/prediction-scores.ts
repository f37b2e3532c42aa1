/** How far predictions are from labels, target by target, where only some rows may have labels. */
import type { TargetScore } from '../study/results.ts';
import { columnOf, targetScore } from '../study/scores.ts';

export interface TargetScores extends TargetScore {
  readonly target: string;
  /** Rows with a label. */
  readonly rows: number;
}

/** Of the targets that have labels, where they have any; `predicted` is rows × targets. */
export function targetScores(
  names: readonly string[],
  predicted: Float64Array,
  labels: readonly (Float64Array | undefined)[],
): TargetScores[] {
  return names.flatMap((target, k) => {
    const all = labels[k] ?? new Float64Array(0);
    const isKnown = (_: number, row: number) => !Number.isNaN(all[row]);
    const known = all.filter(isKnown);
    if (known.length === 0) return [];
    const own = columnOf(predicted, k, names.length).filter(isKnown);
    return [{ target, rows: known.length, ...targetScore(known, own) }];
  });
}
