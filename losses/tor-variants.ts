/** `tor` with another outlier branch. */
import { square, sub, where } from '../engine/ops/elementwise.ts';
import { wgsl } from '../kernels/wgsl.ts';
import { defineLoss } from './loss.ts';
import { type OutlierBranchName, outlierBranches } from './outlier-branches.ts';

function torWith(name: string, branchName: OutlierBranchName) {
  const branch = outlierBranches[branchName];
  return defineLoss({
    name,
    inputs: ['pred', 'label', 'teacher', 'outlier'],
    params: { eps: branch.eps },
    check({ eps }) {
      if (!(eps > 0)) throw new Error(`${name}: eps must be above 0, got ${eps}`);
    },
    composed({ pred, label, teacher, outlier }, { eps }) {
      return where(outlier, branch.composed(sub(pred, teacher), eps), square(sub(pred, label)));
    },
    fused: wgsl`
    let toLabel = pred - label;
    let u = pred - teacher;
    var tail = 0.0;
    var slope = 0.0;
    ${branch.fused}
    return Element(
      select(toLabel * toLabel, tail, outlier > 0.5),
      select(2.0 * toLabel, slope, outlier > 0.5));
  `,
  });
}

/** mean( outlier ? (u² + eps²)^¼ : (pred - label)² ), u = pred - teacher. */
export const torSmooth = torWith('tor-smooth', 'smooth');
/** mean( outlier ? (pred - teacher)² : (pred - label)² ): rejected labels are replaced by the teacher. */
export const torSquare = torWith('tor-square', 'square');
/** mean( outlier ? 0 : (pred - label)² ): rejected labels are dropped. */
export const torDrop = torWith('tor-drop', 'drop');
