/** Moving averages that keep the digits of 1 - β. */

/** What a kernel needs for β·old + (1 - β)·fresh = keep·old + share·(fresh - drop·old). */
export interface MovingAverage {
  readonly keep: number;
  readonly drop: number;
  readonly share: number;
}

/**
 * Of an average that keeps β of the old. Near 1, a β rounded to float32 would be another β: 0.99999 has 1 - β wrong by 1e-3
 * of it, and 0.99999999 is 1. There the old is kept whole and loses its `share`; elsewhere nothing is lost by rounding β.
 */
export function movingAverage(beta: number): MovingAverage {
  const share = 1 - beta;
  return beta > 0.5 ? { keep: 1, drop: 1, share } : { keep: beta, drop: 0, share };
}

/**
 * The same for μ·old + fresh, a moving average of gain·fresh where μ is near 1. Elsewhere its bits are those of the formula.
 */
export function momentumSum(momentum: number): MovingAverage & { readonly gain: number } {
  const share = 1 - momentum;
  if (Math.abs(share) > 1 / 32 || share === 0) return { keep: momentum, drop: 0, share: 1, gain: 1 };
  return { keep: 1, drop: 1, share, gain: 1 / share };
}

/** 1 - β^t in all digits, for β in [0, 1). */
export function biasCorrection(beta: number, t: number): number {
  return -Math.expm1(t * Math.log(beta));
}
