/** How far predictions are from labels, target by target, in the targets' own units. */

export interface TargetScores {
  readonly target: string;
  readonly rmse: number;
  readonly mae: number;
  /** Share of the labels' variance that is explained; null where they do not vary. */
  readonly r2: number | null;
}

/** Of the targets that have labels; `predicted` is rows × targets. */
export function targetScores(
  names: readonly string[],
  predicted: Float64Array,
  labels: readonly (Float64Array | undefined)[],
): TargetScores[] {
  return names.flatMap((target, j) => {
    const truth = labels[j];
    if (!truth) return [];
    const errors = truth.map((label, i) => predicted[i * names.length + j]! - label);
    const mean = sumOf(truth) / truth.length;
    const residual = sumOf(errors.map((error) => error ** 2));
    const total = sumOf(truth.map((label) => (label - mean) ** 2));
    return [
      {
        target,
        rmse: Math.sqrt(residual / truth.length),
        mae: sumOf(errors.map(Math.abs)) / truth.length,
        // A mean may be off by rounding, and the labels' variance nothing else.
        r2: truth.every((label) => label === truth[0]) ? null : 1 - residual / total,
      },
    ];
  });
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
