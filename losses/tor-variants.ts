/** `tor` by its outlier branch: `smooth`, the default, `square`, `drop`; and all of them by name. */
import { wgsl } from '../kernels/wgsl.ts';
import { defineLoss } from './loss.ts';
import { labelHead, type OutlierBranchName, outlierBranches } from './outlier-branches.ts';
import { tor } from './tor.ts';

function torWith(name: string, branchName: OutlierBranchName) {
  const branch = outlierBranches[branchName];
  const head = labelHead(name, branch);
  return defineLoss({
    name,
    inputs: ['pred', 'label', 'teacher', 'outlier'],
    params: { eps: branch.eps },
    check: ({ eps }) => head.checkEps(eps),
    composed: (inputs, { eps }) => head.composed(inputs, eps),
    fused: wgsl`${head.fused}
    return Element(headValue, headSlope);
  `,
  });
}

/** mean( outlier ? (u² + eps²)^¼ : (pred - label)² ), u = pred - teacher. */
export const torSmooth = torWith('tor-smooth', 'smooth');
/** mean( outlier ? (pred - teacher)² : (pred - label)² ): rejected labels are replaced by the teacher. */
export const torSquare = torWith('tor-square', 'square');
/** mean( outlier ? 0 : (pred - label)² ): rejected labels are dropped. */
export const torDrop = torWith('tor-drop', 'drop');

/** By the names of their branches; see tor.ts for the first. */
export const torLosses = { sqrt: tor, smooth: torSmooth, square: torSquare, drop: torDrop };
