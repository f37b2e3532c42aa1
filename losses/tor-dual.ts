/** Teacher outlier rejection for a student with two heads: value and the gradients of both in one pass. */
import { add, mul, square, sub } from '../engine/ops/pointwise/elementwise.ts';
import { wgsl } from '../kernels/wgsl.ts';
import { defineLoss } from './loss.ts';
import { labelHead, type OutlierBranchName, outlierBranches } from './outlier-branches.ts';

/** Exactly eight storage buffers: five inputs, the value, two gradients. */
function torDualWith(name: string, branchName: OutlierBranchName) {
  const branch = outlierBranches[branchName];
  const head = labelHead(name, branch);
  return defineLoss({
    name,
    inputs: ['pred', 'teacherPred', 'label', 'teacher', 'outlier'],
    wrt: ['pred', 'teacherPred'],
    params: { eps: branch.eps, teacherWeight: 1 },
    check({ eps, teacherWeight }) {
      head.checkEps(eps);
      if (!(teacherWeight >= 0))
        throw new Error(`${name}: teacherWeight must be at least 0, got ${teacherWeight}`);
    },
    composed({ teacherPred, ...inputs }, { eps, teacherWeight }) {
      const imitation = square(sub(teacherPred, inputs.teacher));
      return add(head.composed(inputs, eps), mul(teacherWeight, imitation));
    },
    fused: wgsl`${head.fused}
    let toTeacher = teacherPred - teacher;
    return Element(
      headValue + uniforms.teacherWeight * (toTeacher * toTeacher),
      headSlope,
      uniforms.teacherWeight * (2.0 * toTeacher));
  `,
  });
}

/**
 * TOR on the label head, squared error on the teacher head, after Takamoto et al. 2020 (arXiv:2002.12597); the total is
 * a reconstruction, see docs/methods.md. With u = pred - teacher:
 *
 *     mean( (outlier ? √(|u| + eps) : (pred - label)²) + teacherWeight (teacherPred - teacher)² )
 */
export const torDual = torDualWith('tor-dual', 'sqrt');
/** `torDual` with (u² + eps²)^¼ for rejected labels. */
export const torDualSmooth = torDualWith('tor-dual-smooth', 'smooth');
/** `torDual` with u² for rejected labels. */
export const torDualSquare = torDualWith('tor-dual-square', 'square');
/** `torDual` with nothing for rejected labels. */
export const torDualDrop = torDualWith('tor-dual-drop', 'drop');

/** By the names of their branches. */
export const torDualLosses = {
  sqrt: torDual,
  smooth: torDualSmooth,
  square: torDualSquare,
  drop: torDualDrop,
};
