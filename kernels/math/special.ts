/** What JavaScript's Math lacks, in float64: the oracle of the portable functions; erf to about 1e-15 of its value. */

/**
 *     |x| < 2:  erf x = 2/√π e^(-x²) Σ 2^n x^(2n+1) / (2n+1)!!               Abramowitz and Stegun 7.1.6
 *     else:     erfc x = e^(-x²)/√π · 1/(x + ½/(x + 1/(x + 3/2/(x + …))))    Abramowitz and Stegun 7.1.14
 */
export function erf(x: number): number {
  if (Math.abs(x) >= 2) return Math.sign(x) * (1 - tail(Math.abs(x)));
  // All terms have one sign, so nothing cancels.
  let term = x;
  let sum = x;
  for (let n = 1; n < 60; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** 1 - erf x, without its loss of digits for large x: to about 1e-13 of its value. */
export function erfc(x: number): number {
  return x >= 2 ? tail(x) : 1 - erf(x);
}

/** erfc x for x ≥ 2. */
function tail(x: number): number {
  let fraction = x;
  for (let n = 120; n > 0; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}

/** a to the power of b as IEEE 754-2019: 1 where JavaScript has NaN, for a = 1, and for a = -1 and an infinite b. */
export function power(a: number, b: number): number {
  return a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b;
}

/** t - log(1 + t) of t and that logarithm, without cancellation. */
export function logGap(t: number, logarithm: number): number {
  if (!(Math.abs(t) < 0.25)) return t - logarithm;
  const s = t / (2 + t);
  let series = 0;
  for (let n = 25; n >= 3; n -= 2) series = series * s * s + 1 / n;
  return s * t - 2 * s ** 3 * series;
}
