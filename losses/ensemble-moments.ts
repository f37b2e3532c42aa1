/** An ensemble of teachers as one normal distribution. Found once over the training set, then frozen. */
import { checkList, checkNumbers, checkOptions } from '../engine/borders.ts';

export interface EnsembleMoments {
  /** Of the members' predictions; a number for each of a member's. */
  mean: Float32Array;
  /** Of the whole: what the members expect of the noise, on average, plus how they disagree. At least `floor`. */
  variance: Float32Array;
  /** How the members disagree: the variance of their means. */
  epistemic: Float32Array;
}

export interface EnsembleMomentsOptions {
  /** The members' own variances, for members that predict one; 0 unless given. */
  variances?: readonly ArrayLike<number>[] | undefined;
  /** Smallest variance, in squared units of the predictions; 1e-4 unless given. */
  floor?: number | undefined;
}

/**
 * Mean and variance of a mixture of M members of equal weight:
 *
 *     mean = Σ μ / M;  epistemic = Σ (μ - mean)² / M;  variance = max(Σ v / M + epistemic, floor)
 *
 * @throws without members, if lengths differ, a number is not finite, a variance is below 0, or the floor not above 0.
 */
export function ensembleMoments(
  means: readonly ArrayLike<number>[],
  options: EnsembleMomentsOptions = {},
): EnsembleMoments {
  checkList('ensembleMoments', 'means', means);
  checkOptions('ensembleMoments', options, 'variances floor');
  const { variances, floor = 1e-4 } = options;
  if (variances) checkList('ensembleMoments', 'variances', variances);
  for (const values of [...means, ...(variances ?? [])]) checkNumbers('ensembleMoments', values);
  const size = means[0]?.length;
  if (size === undefined) throw new Error('ensembleMoments: no members');
  if (!(floor > 0)) throw new Error(`ensembleMoments: floor must be above 0, got ${floor}`);
  if (variances && variances.length !== means.length)
    throw new Error(`ensembleMoments: ${means.length} means, ${variances.length} variances`);
  for (const [m, values] of [...means, ...(variances ?? [])].entries()) {
    const what = m < means.length ? `mean ${m}` : `variance ${m - means.length}`;
    if (values.length !== size)
      throw new Error(`ensembleMoments: ${what} has ${values.length} numbers, wanted ${size}`);
    const least = m < means.length ? -Infinity : 0;
    for (let i = 0; i < size; i++)
      if (!(Number.isFinite(values[i]) && values[i]! >= least))
        throw new Error(`ensembleMoments: element ${i} of ${what} is ${values[i]}`);
  }
  const average = (of: (member: number) => number) => {
    let sum = 0;
    for (let m = 0; m < means.length; m++) sum += of(m);
    return sum / means.length;
  };
  const result = {
    mean: new Float32Array(size),
    variance: new Float32Array(size),
    epistemic: new Float32Array(size),
  };
  for (let i = 0; i < size; i++) {
    const center = average((m) => means[m]![i]!);
    // Of differences: the mean of squares minus the squared mean would cancel. Members that agree disagree by exactly 0.
    const offset = average((m) => means[m]![i]! - center);
    const epistemic = Math.max(0, average((m) => (means[m]![i]! - center) ** 2) - offset ** 2);
    const noise = variances ? average((m) => variances[m]![i]!) : 0;
    result.mean[i] = center + offset;
    result.epistemic[i] = epistemic;
    result.variance[i] = Math.max(noise + epistemic, floor);
  }
  return result;
}
