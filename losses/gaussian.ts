/** Students that predict a mean and a variance: to labels, and to an ensemble of teachers. */
import { add, div, log, mul, square, sub } from '../engine/ops/pointwise/elementwise.ts';
import { logGap } from '../engine/ops/pointwise/log-gap.ts';
import { softplus } from '../engine/ops/pointwise/activations.ts';
import { checkFloats, type Tensor } from '../engine/tensor.ts';
import { wgsl } from '../kernels/wgsl.ts';
import { defineLoss } from './loss.ts';

/**
 * A variance from any number: softplus(raw) + floor, (…) to (…), above `floor`. The floor, in squared standard deviations
 * of the labels, keeps samples that are fitted well from outweighing all others: their gradients are divided by it.
 *
 * @throws unless the floor is above 0.
 */
export function varianceOf(raw: Tensor, floor = 1e-4): Tensor {
  checkFloats('varianceOf', { raw });
  if (!(floor > 0)) throw new Error(`varianceOf: floor must be above 0, got ${floor}`);
  return add(softplus(raw), floor);
}

/**
 * Negative log likelihood of a label under N(pred, variance), without log √2π (Nix & Weigend 1994): noise that differs
 * from sample to sample. `variance` above 0, from `varianceOf`.
 *
 *     mean( (log variance + (pred - label)² / variance) / 2 )
 */
export const gaussianNll = defineLoss({
  name: 'gaussian-nll',
  inputs: ['pred', 'variance', 'label'],
  wrt: ['pred', 'variance'],
  composed: ({ pred, variance, label }) =>
    mul(0.5, add(log(variance), div(square(sub(pred, label)), variance))),
  fused: wgsl`
    let u = pred - label;
    let ratio = u / variance;
    return Element(
      0.5 * (log_(variance) + u * ratio),
      ratio,
      0.5 * (1.0 - u * ratio) / variance);
  `,
});

/**
 * Ensemble distillation: the divergence of the student's normal distribution from the ensemble's,
 * KL( N(teacher, teacherVariance) ‖ N(pred, variance) ). `ensembleMoments` gives the ensemble's mean and variance. Both
 * variances above 0.
 *
 *     mean( (log(variance / teacherVariance) + (teacherVariance + (pred - teacher)²) / variance - 1) / 2 )
 *
 * No element is below 0, also where both distributions are nearly one: the logarithm and the quotient are not subtracted there.
 */
export const gaussianKl = defineLoss({
  name: 'gaussian-kl',
  inputs: ['pred', 'variance', 'teacher', 'teacherVariance'],
  wrt: ['pred', 'variance'],
  composed({ pred, variance, teacher, teacherVariance }) {
    const excess = div(sub(teacherVariance, variance), variance);
    const spread = logGap(excess, log(div(teacherVariance, variance)));
    return mul(0.5, add(spread, div(square(sub(pred, teacher)), variance)));
  },
  fused: wgsl`
    let u = pred - teacher;
    let excess = (teacherVariance - variance) / variance;
    let apart = u * (u / variance);
    return Element(
      0.5 * (logGap_(excess, log_(teacherVariance / variance)) + apart),
      u / variance,
      -0.5 * (excess + apart) / variance);
  `,
});
