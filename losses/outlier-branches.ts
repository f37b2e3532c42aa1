/**
 * What a rejected label is replaced by: a function of u = pred - teacher, in ops and in WGSL. The published code takes
 * the square root; the others are the alternatives that docs/methods.md compares.
 */
import { abs, add, sqrt, square, sub, where } from '../engine/ops/pointwise/elementwise.ts';
import type { Tensor } from '../engine/tensor.ts';

export interface OutlierBranch {
  /** Default of `eps`, in standardised labels; chosen on tuning seeds for `smooth`, unused by `square` and `drop`. */
  readonly eps: number;
  /** Without it and `fused` there is no loss. */
  readonly composed?: (u: Tensor, eps: Tensor) => Tensor;
  /** WGSL statements that set `tail` and `slope` from `u`. */
  readonly fused?: string;
}

export const outlierBranches = {
  /** √(|u| + eps): concave, so far points pull weakly; slope at most 1/(2√eps), with a jump at 0. */
  sqrt: {
    eps: 1e-3,
    composed: (u, eps) => sqrt(add(abs(u), eps)),
    fused: `tail = sqrt(abs(u) + uniforms.eps);
    slope = 0.5 * sign_(u) / tail;`,
  },
  /** (u² + eps²)^¼: the same far away, smooth at 0; with eps = 1 a quarter of a square near 0. */
  smooth: {
    eps: 1,
    composed: (u, eps) => sqrt(sqrt(add(square(u), square(eps)))),
    fused: `let root = sqrt(u * u + uniforms.eps * uniforms.eps);
    tail = sqrt(root);
    slope = 0.5 * u / (root * tail);`,
  },
  /** u²: the label is replaced by the teacher's prediction. */
  square: {
    eps: 1,
    composed: (u) => square(u),
    fused: `tail = u * u;
    slope = 2.0 * u;`,
  },
  /** 0: the sample is dropped, whatever its numbers are. */
  drop: { eps: 1 },
} as const satisfies Record<string, OutlierBranch>;

export type OutlierBranchName = keyof typeof outlierBranches;

interface LabelHeadInputs {
  readonly pred: Tensor;
  readonly label: Tensor;
  readonly teacher: Tensor;
  readonly outlier: Tensor;
}

/**
 * outlier ? branch(pred - teacher) : (pred - label)², the part that one head and two heads share. The difference is chosen
 * before anything is computed of it: what the other one is then does not matter, not even in a gradient, where 0 times NaN would.
 */
/* @__NO_SIDE_EFFECTS__ */
export function labelHead(name: string, { composed, fused }: OutlierBranch) {
  return {
    checkEps(eps: number): void {
      if (!(eps > 0)) throw new Error(`${name}: eps must be above 0, got ${eps}`);
    },
    composed({ pred, label, teacher, outlier }: LabelHeadInputs, eps: Tensor): Tensor {
      if (!composed) return square(where(outlier, 0, sub(pred, label)));
      const u = sub(pred, where(outlier, teacher, label));
      return where(outlier, composed(where(outlier, u, 0), eps), square(where(outlier, 0, u)));
    },
    /** WGSL statements that set `headValue` and `headSlope`. */
    fused: fused
      ? `
    let isRejected = chosen_(outlier);
    let u = pred - select(label, teacher, isRejected);
    var tail = 0.0;
    var slope = 0.0;
    ${fused}
    let headValue = select(u * u, tail, isRejected);
    let headSlope = select(2.0 * u, slope, isRejected);`
      : `
    let u = select(pred - label, 0.0, chosen_(outlier));
    let headValue = u * u;
    let headSlope = 2.0 * u;`,
  };
}
