/** The error function in float64: the oracle of `math-erf.ts`, to about 1e-15 of its value. */

/**
 *     |x| < 2:  erf x = 2/√π e^(-x²) Σ 2^n x^(2n+1) / (2n+1)!!               Abramowitz and Stegun 7.1.6
 *     else:     erfc x = e^(-x²)/√π · 1/(x + ½/(x + 1/(x + 3/2/(x + …))))    Abramowitz and Stegun 7.1.14
 */
export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  const size = Math.abs(x);
  if (size > 6) return Math.sign(x);
  const bell = Math.exp(-size * size) / Math.sqrt(Math.PI);
  if (size >= 2) {
    let tail = size;
    for (let n = 120; n > 0; n--) tail = size + n / 2 / tail;
    return Math.sign(x) * (1 - bell / tail);
  }
  // All terms have one sign, so nothing cancels.
  let term = x;
  let sum = x;
  for (let n = 1; n < 60; n++) {
    term *= (2 * size * size) / (2 * n + 1);
    sum += term;
  }
  return 2 * bell * sum;
}
