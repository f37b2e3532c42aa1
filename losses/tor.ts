/** Teacher outlier rejection with the square root of the public code; the branch by default is in tor-variants.ts. */
import { abs, add, sqrt, square, sub, where } from '../engine/ops/pointwise/elementwise.ts';
import { wgsl } from '../kernels/wgsl.ts';
import { defineLoss } from './loss.ts';

/**
 * Teacher outlier rejection, after Takamoto et al. 2020 (arXiv:2002.12597); a reconstruction, see docs/methods.md.
 *
 * `outlier` (0 or 1) marks labels too far from the teacher, found once over the training set. There the label is
 * ignored, even one that is NaN, and the student follows the teacher; the slope is at most 1/(2√eps), and exceeds the label branch's
 * while |pred - teacher| < 0.4.
 *
 *     mean( outlier ? sqrt(|pred - teacher| + eps) : (pred - label)² )
 */
export const tor = defineLoss({
  name: 'tor',
  inputs: ['pred', 'label', 'teacher', 'outlier'],
  params: { eps: 1e-3 },
  // At eps = 0 the slope is infinite where student and teacher meet.
  check({ eps }) {
    if (!(eps > 0)) throw new Error(`tor: eps must be above 0, got ${eps}`);
  },
  composed({ pred, label, teacher, outlier }, { eps }) {
    const u = sub(pred, where(outlier, teacher, label));
    const [far, near] = [where(outlier, u, 0), where(outlier, 0, u)];
    return where(outlier, sqrt(add(abs(far), eps)), square(near));
  },
  fused: wgsl`
    let isRejected = chosen_(outlier);
    let u = pred - select(label, teacher, isRejected);
    let tail = sqrt(abs(u) + uniforms.eps);
    return Element(
      select(u * u, tail, isRejected),
      select(2.0 * u, 0.5 * sign_(u) / tail, isRejected));
  `,
});
