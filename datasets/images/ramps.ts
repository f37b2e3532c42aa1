/** Smooth steps and bumps by polynomials, which every engine computes alike. */

/** Smoothly from 0 at `low` to 1 at `high`. */
export function step(low: number, high: number, x: number): number {
  const t = Math.max(0, Math.min(1, (x - low) / (high - low)));
  return t * t * (3 - 2 * t);
}

/** From 0 to 1 around 0, `width` to either side. */
export function ramp(x: number, width: number): number {
  return step(-width, width, x);
}

/** 1 at 0, and 0 from 1 on. */
export function bump(x: number): number {
  return x > -1 && x < 1 ? (1 - x * x) ** 2 : 0;
}
