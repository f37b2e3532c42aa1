/** How far predictions are from labels, target by target, in the targets' own units. */

export interface TargetScores {
  readonly target: string;
  /** Rows with a label. */
  readonly rows: number;
  readonly rmse: number;
  readonly mae: number;
  /** Share of the labels' variance that is explained; null where they do not vary. */
  readonly r2: number | null;
}

/** Of the targets that have labels, where they have any; `predicted` is rows × targets. */
export function targetScores(
  names: readonly string[],
  predicted: Float64Array,
  labels: readonly (Float64Array | undefined)[],
): TargetScores[] {
  return names.flatMap((target, j) => {
    const pairs = Array.from(labels[j] ?? [], (label, i) => ({
      label,
      error: predicted[i * names.length + j]! - label,
    })).filter(({ label }) => !Number.isNaN(label));
    const [first] = pairs;
    if (!first) return [];
    const mean = (of: (pair: { label: number; error: number }) => number) =>
      pairs.reduce((sum, pair) => sum + of(pair), 0) / pairs.length;
    const centre = mean(({ label }) => label);
    const residual = mean(({ error }) => error ** 2);
    // A mean may be off by rounding, and the labels' variance nothing else.
    const isConstant = pairs.every(({ label }) => label === first.label);
    const r2 = isConstant ? null : 1 - residual / mean(({ label }) => (label - centre) ** 2);
    const mae = mean(({ error }) => Math.abs(error));
    return [{ target, rows: pairs.length, rmse: Math.sqrt(residual), mae, r2 }];
  });
}
