/** The outlier mask of TOR: which labels lie too far from the teacher. Found once over the training set, then frozen. */
import { checkNumbers, checkOptions } from '../engine/borders.ts';

export type OutlierRule = 'zscore' | 'mad' | 'quantile' | 'fixed' | 'iterative';

export interface OutlierMaskOptions {
  /** `mad` if left out: z-scores fail when outliers inflate the standard deviation that they are judged by. */
  rule?: OutlierRule | undefined;
  /** Deviations: 2 for `zscore`, 3 for `mad` and `iterative` if left out. */
  deviations?: number | undefined;
  /** Share kept by `quantile`. */
  quantile?: number | undefined;
  /** Threshold of `fixed`, in the units of the labels. */
  threshold?: number | undefined;
  /** Outputs a sample; each gets a threshold of its own. */
  columns?: number | undefined;
}

export interface OutlierMask {
  /** 1 where the label is rejected, else 0; a number for each label. */
  outlier: Float32Array;
  /** Residuals above this are outliers; a number for each output. */
  thresholds: number[];
}

/** Scale that makes the median absolute deviation of a normal distribution its standard deviation. */
const MAD_SCALE = 1.4826;

/**
 * Marks labels whose residual r = |label - teacher| exceeds a threshold τ:
 *
 * - `zscore`     τ = mean(r) + z·std(r): the published code's rule, over the whole set instead of a batch
 * - `mad`        τ = k · 1.4826 · median(r)
 * - `quantile`   τ = the q-quantile of r
 * - `fixed`      τ as given
 * - `iterative`  `zscore` on what it kept, five times; more would go on trimming clean labels
 *
 * @throws if the lengths differ, a number is not finite, or an option is out of range.
 */
export function outlierMask(
  label: ArrayLike<number>,
  teacher: ArrayLike<number>,
  options: OutlierMaskOptions = {},
): OutlierMask {
  checkNumbers('outlierMask', label);
  checkNumbers('outlierMask', teacher);
  checkOptions('outlierMask', options, 'rule deviations quantile threshold columns');
  const { columns = 1 } = options;
  if (label.length !== teacher.length || label.length % columns !== 0) {
    throw new Error(`outlierMask: ${label.length} labels, ${teacher.length} predictions, ${columns} columns`);
  }
  const outlier = new Float32Array(label.length);
  const thresholds: number[] = [];
  for (let column = 0; column < columns; column++) {
    const residuals: number[] = [];
    for (let i = column; i < label.length; i += columns) residuals.push(Math.abs(label[i]! - teacher[i]!));
    if (!residuals.every(Number.isFinite))
      throw new Error('outlierMask: a label or a prediction is not finite');
    const threshold = residuals.length > 0 ? thresholdOf(residuals, options) : 0;
    thresholds.push(threshold);
    for (const [row, residual] of residuals.entries())
      outlier[row * columns + column] = residual > threshold ? 1 : 0;
  }
  return { outlier, thresholds };
}

export function defaultDeviations(rule: OutlierRule): number {
  return rule === 'zscore' ? 2 : 3;
}

function thresholdOf(residuals: readonly number[], options: OutlierMaskOptions): number {
  const { rule = 'mad', quantile = 0.9, threshold } = options;
  const deviations = options.deviations ?? defaultDeviations(rule);
  if (!(deviations > 0)) throw new Error(`outlierMask: deviations must be above 0, got ${deviations}`);
  switch (rule) {
    case 'zscore':
      return zscore(residuals, deviations);
    case 'mad':
      return deviations * MAD_SCALE * quantileOf(residuals, 0.5);
    case 'quantile':
      if (!(quantile > 0 && quantile <= 1))
        throw new Error(`outlierMask: quantile must lie in (0, 1], got ${quantile}`);
      return quantileOf(residuals, quantile);
    case 'fixed':
      if (threshold === undefined || !(threshold >= 0))
        throw new Error("outlierMask: rule 'fixed' wants a threshold of at least 0");
      return threshold;
    case 'iterative':
      return iterative(residuals, deviations);
    default:
      throw new Error(
        `outlierMask: unknown rule '${String(rule)}'; zscore, mad, quantile, fixed or iterative`,
      );
  }
}

function zscore(residuals: readonly number[], deviations: number): number {
  const mean = residuals.reduce((sum, r) => sum + r, 0) / residuals.length;
  const squares = residuals.reduce((sum, r) => sum + (r - mean) ** 2, 0);
  const deviation = residuals.length > 1 ? Math.sqrt(squares / (residuals.length - 1)) : 0;
  return mean + deviations * deviation;
}

function iterative(residuals: readonly number[], deviations: number): number {
  let kept = residuals;
  let threshold = Infinity;
  for (let round = 0; round < 5; round++) {
    threshold = zscore(kept, deviations);
    const next = kept.filter((r) => r <= threshold);
    if (next.length === kept.length) break;
    kept = next;
  }
  return threshold;
}

/** Linear interpolation between order statistics, as NumPy's default. */
function quantileOf(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = q * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!);
}
