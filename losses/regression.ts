/** Pointwise losses between a prediction and a label. Imitation is `mse` to the teacher's prediction. */
import { abs, add, greater, mul, square, sub, where } from '../engine/ops/pointwise/elementwise.ts';
import { wgsl } from '../kernels/wgsl.ts';
import { defineLoss } from './loss.ts';

/** mean( (pred - label)² ) */
export const mse = defineLoss({
  name: 'mse',
  inputs: ['pred', 'label'],
  composed: ({ pred, label }) => square(sub(pred, label)),
  fused: wgsl`
    let u = pred - label;
    return Element(u * u, 2.0 * u);
  `,
});

/** mean( |pred - label| ) */
export const mae = defineLoss({
  name: 'mae',
  inputs: ['pred', 'label'],
  composed: ({ pred, label }) => abs(sub(pred, label)),
  fused: wgsl`
    let u = pred - label;
    return Element(abs(u), sign_(u));
  `,
});

/**
 * Huber 1964: quadratic up to |u| = delta, linear beyond, u = pred - label.
 *
 *     mean( |u| ≤ delta ? u²/2 : delta (|u| - delta/2) )
 */
export const huber = defineLoss({
  name: 'huber',
  inputs: ['pred', 'label'],
  params: { delta: 1 },
  check({ delta }) {
    if (!(delta > 0)) throw new Error(`huber: delta must be above 0, got ${delta}`);
  },
  composed({ pred, label }, { delta }) {
    const u = sub(pred, label);
    const isFar = greater(abs(u), delta);
    const linear = mul(delta, sub(abs(u), mul(0.5, delta)));
    // Of an infinite u, the gradient of a square that is not chosen would be 0 times infinity.
    return where(isFar, linear, mul(0.5, square(where(isFar, 0, u))));
  },
  fused: wgsl`
    let u = pred - label;
    let isFar = greater_(abs(u), uniforms.delta);
    return Element(
      select(0.5 * u * u, uniforms.delta * (abs(u) - 0.5 * uniforms.delta), isFar),
      select(u, uniforms.delta * sign_(u), isFar));
  `,
});

/**
 * Label and teacher, weighted (Saputra et al. 2019, arXiv:1908.00858, eq. 3). Up to a constant it is the squared error
 * to the mix alpha·label + (1 - alpha)·teacher, that is: labels smoothed toward the teacher.
 *
 *     mean( alpha (pred - label)² + (1 - alpha) (pred - teacher)² )
 */
export const kdMix = defineLoss({
  name: 'kd-mix',
  inputs: ['pred', 'label', 'teacher'],
  params: { alpha: 0.5 },
  check({ alpha }) {
    if (!(alpha >= 0 && alpha <= 1)) throw new Error(`kd-mix: alpha must lie in [0, 1], got ${alpha}`);
  },
  composed({ pred, label, teacher }, { alpha, alphaRest }) {
    const toLabel = mul(alpha, square(sub(pred, label)));
    return add(toLabel, mul(alphaRest, square(sub(pred, teacher))));
  },
  fused: wgsl`
    let toLabel = pred - label;
    let toTeacher = pred - teacher;
    let beta = uniforms.alphaRest;
    return Element(
      uniforms.alpha * (toLabel * toLabel) + beta * (toTeacher * toTeacher),
      2.0 * (uniforms.alpha * toLabel + beta * toTeacher));
  `,
});
