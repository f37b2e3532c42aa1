/** Data impressions: inputs drawn from a normal distribution for each prediction that is wanted, and what fits it. */
import { checkNamed, checkOptions } from '../../engine/borders.ts';
import { add, exp, expm1, mul, square } from '../../engine/ops/pointwise/elementwise.ts';
import { logGap } from '../../engine/ops/pointwise/log-gap.ts';
import { mean as meanOf } from '../../engine/ops/reduce/reduce.ts';
import { sizeOf } from '../../engine/shape.ts';
import { checkFloats, type Tensor } from '../../engine/tensor.ts';
import type { LossOptions } from '../loss.ts';
import { mse } from '../regression.ts';

/** A normal distribution for each input of each row, (…, rows, inputs): what a network gives for a wanted prediction. */
export interface InputDistribution {
  readonly mean: Tensor;
  readonly logVariance: Tensor;
}

/** A point of each row: mean + deviation · noise, noise ~ N(0, 1) of the mean's shape. */
export function impressionPoints(distribution: InputDistribution, noise: Tensor): Tensor {
  checkNamed('impressionPoints', distribution, 'mean logVariance');
  const { mean, logVariance } = distribution;
  checkFloats('impressionPoints', { mean, logVariance, noise });
  return add(mean, mul(exp(mul(logVariance, 0.5)), noise));
}

/**
 * KL( N(mean, variance) ‖ N(0, 1) ), added up over the inputs of a row. Scalar, or (seeds) with `leadingAxes` 1.
 *
 *     mean over rows of Σ over inputs of (variance + mean² - 1 - log variance) / 2
 */
export function divergenceFromNormal(
  { mean, logVariance }: InputDistribution,
  { leadingAxes = 0 }: LossOptions = {},
): Tensor {
  const excess = add(logGap(expm1(logVariance), logVariance), square(mean));
  const inputs = sizeOf(mean.shape.slice(leadingAxes + 1));
  return mul(meanOf(excess, [...mean.shape.keys()].slice(leadingAxes)), inputs / 2);
}

export interface ImpressionLossOptions extends LossOptions {
  /** Of the divergence, at least 0: 1e-5 unless given. */
  divergenceWeight?: number | undefined;
}

/**
 * What the generator of data impressions minimises in the code of Kang & Kang 2021 (ESWA 175:114813): the teacher should
 * predict at its points what was wanted, (…, rows, outputs), and they should be about normal. Scalar, or (seeds) with
 * `leadingAxes` 1.
 *
 *     mean( (wanted - teacher)² ) + divergenceWeight · divergenceFromNormal
 *
 * @throws on a weight below 0.
 */
export function impressionLoss(
  given: InputDistribution & { readonly wanted: Tensor; readonly teacher: Tensor },
  options: ImpressionLossOptions = {},
): Tensor {
  checkNamed('impressionLoss', given, 'mean logVariance wanted teacher');
  checkOptions('impressionLoss', options, 'divergenceWeight leadingAxes');
  const { wanted, teacher, ...distribution } = given;
  const { mean, logVariance } = distribution;
  checkFloats('impressionLoss', { mean, logVariance, wanted, teacher });
  const { divergenceWeight = 1e-5, leadingAxes = 0 } = options;
  if (!(divergenceWeight >= 0 && divergenceWeight < Infinity))
    throw new Error(
      `impressionLoss: divergenceWeight must be a number of at least 0, got ${divergenceWeight}`,
    );
  const error = mse({ pred: teacher, label: wanted }, {}, { leadingAxes });
  return add(error, mul(divergenceFromNormal(distribution, { leadingAxes }), divergenceWeight));
}
