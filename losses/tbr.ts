/**
 * Teacher-bounded regression: a student that is better than its teacher is left alone; so is one whose teacher's prediction is NaN,
 * because no comparison with NaN holds.
 */
import { abs, add, greater, mul, square, sub, where } from '../engine/ops/pointwise/elementwise.ts';
import { wgsl } from '../kernels/wgsl.ts';
import { defineLoss } from './loss.ts';

/**
 * Teacher-bounded regression of Chen et al. 2017 (NIPS): smooth L1 to the label, and squared error to the label while the
 * student's exceeds the teacher's. `margin` keeps the second part on until the student is better by so much. The gate
 * is not differentiated. Each output has a gate of its own. Weight at least 0, margin any number, in squared standard
 * deviations of the labels.
 *
 *     u = pred - label;  mean( (|u| ≤ 1 ? u²/2 : |u| - 1/2) + (u² + margin > (teacher - label)² ? weight u² : 0) )
 */
export const tbr = defineLoss({
  name: 'tbr',
  inputs: ['pred', 'label', 'teacher'],
  params: { weight: 0.5, margin: 0 },
  check({ weight }) {
    if (!(weight >= 0)) throw new Error(`tbr: weight must be at least 0, got ${weight}`);
  },
  composed({ pred, label, teacher }, { weight, margin }) {
    const u = sub(pred, label);
    const isFar = greater(abs(u), 1);
    const smooth = where(isFar, sub(abs(u), 0.5), mul(0.5, square(where(isFar, 0, u))));
    const isWorse = greater(add(square(u), margin), square(sub(teacher, label)));
    return add(smooth, mul(weight, square(where(isWorse, u, 0))));
  },
  fused: wgsl`
    let u = pred - label;
    let bound = teacher - label;
    let isFar = greater_(abs(u), 1.0);
    let v = select(0.0, u, greater_(u * u + uniforms.margin, bound * bound));
    return Element(
      select(0.5 * u * u, abs(u) - 0.5, isFar) + uniforms.weight * (v * v),
      select(u, sign_(u), isFar) + uniforms.weight * (2.0 * v));
  `,
});

/**
 * The teacher's error as an upper bound (Saputra et al. 2019, arXiv:1908.00858): squared errors to label and teacher,
 * mixed, the second only while the student is worse than the teacher. The gate is not differentiated. Each output has a
 * gate of its own. alpha in [0, 1].
 *
 *     mean( alpha (pred - label)² + ((pred - label)² > (teacher - label)² ? (1 - alpha) (pred - teacher)² : 0) )
 */
export const tbrImitation = defineLoss({
  name: 'tbr-imitation',
  inputs: ['pred', 'label', 'teacher'],
  params: { alpha: 0.5 },
  check({ alpha }) {
    if (!(alpha >= 0 && alpha <= 1)) throw new Error(`tbr-imitation: alpha must lie in [0, 1], got ${alpha}`);
  },
  composed({ pred, label, teacher }, { alpha, alphaRest }) {
    const toLabel = square(sub(pred, label));
    const isWorse = greater(toLabel, square(sub(teacher, label)));
    const toTeacher = square(where(isWorse, sub(pred, teacher), 0));
    return add(mul(alpha, toLabel), mul(alphaRest, toTeacher));
  },
  fused: wgsl`
    let toLabel = pred - label;
    let bound = teacher - label;
      let isWorse = greater_(toLabel * toLabel, bound * bound);
      let toTeacher = select(0.0, pred - teacher, isWorse);
      let beta = uniforms.alphaRest;
    return Element(
      uniforms.alpha * (toLabel * toLabel) + beta * (toTeacher * toTeacher),
      2.0 * (uniforms.alpha * toLabel + beta * toTeacher));
  `,
});
