/** Attentive imitation: teachers are followed as far as they were right. Saputra et al. 2019. */
import { add, mul, square, sub } from '../engine/ops/pointwise/elementwise.ts';
import { wgsl } from '../kernels/wgsl.ts';
import { defineLoss } from './loss.ts';

/**
 * Attentive imitation loss (Saputra et al. 2019, arXiv:1908.00858). `attention` in [0, 1] says how good the teacher is at
 * a sample; `imitationAttention` computes it once over the training set. alpha in [0, 1].
 *
 *     mean( alpha (pred - label)² + (1 - alpha) attention (pred - teacher)² )
 */
export const ail = defineLoss({
  name: 'ail',
  inputs: ['pred', 'label', 'teacher', 'attention'],
  params: { alpha: 0.5 },
  check({ alpha }) {
    if (!(alpha >= 0 && alpha <= 1)) throw new Error(`ail: alpha must lie in [0, 1], got ${alpha}`);
  },
  composed({ pred, label, teacher, attention }, { alpha, alphaRest }) {
    const toTeacher = mul(attention, square(sub(pred, teacher)));
    return add(mul(alpha, square(sub(pred, label))), mul(alphaRest, toTeacher));
  },
  fused: wgsl`
    let toLabel = pred - label;
    let toTeacher = pred - teacher;
    let beta = uniforms.alphaRest * attention;
    return Element(
      uniforms.alpha * (toLabel * toLabel) + beta * (toTeacher * toTeacher),
      2.0 * (uniforms.alpha * toLabel + beta * toTeacher));
  `,
});

/**
 * Attentive hint training, of the same paper: features follow the teacher's as far as `attention` says. `pred` is the
 * student's features (through a regressor where the widths differ), `label` the teacher's, `attention` in [0, 1] the
 * sample's for every feature.
 *
 *     mean( attention (pred - label)² )
 */
export const attentiveHint = defineLoss({
  name: 'attentive-hint',
  inputs: ['pred', 'label', 'attention'],
  composed: ({ pred, label, attention }) => mul(attention, square(sub(pred, label))),
  fused: wgsl`
    let u = pred - label;
    return Element(attention * (u * u), 2.0 * attention * u);
  `,
});
