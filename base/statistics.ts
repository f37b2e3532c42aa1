/** Means with Student-t intervals, and paired differences: what a table of a few seeds needs. */

/** A mean over seeds with its Student-t interval; one seed has no interval. */
export interface Interval {
  mean: number;
  ci95: [number, number] | null;
  n: number;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Sample standard deviation (divided by n - 1); NaN for fewer than two values. */
export function standardDeviation(values: readonly number[]): number {
  const center = mean(values);
  const n = values.length;
  const squares = values.reduce((sum, value) => sum + (value - center) ** 2, 0);
  // What the mean is off by rounding: equal values have a deviation of 0.
  const offset = values.reduce((sum, value) => sum + (value - center), 0) / n;
  return n < 2 ? NaN : Math.sqrt(Math.max(0, squares - n * offset ** 2) / (n - 1));
}

/** Mean with its 95 % interval, mean ± t(0.975; n - 1)·s/√n; with one value there is no interval (null). */
export function confidenceInterval(values: readonly number[]): Interval {
  const n = values.length;
  if (n === 0) throw new Error('confidenceInterval: no values');
  const center = mean(values);
  if (n === 1) return { mean: center, ci95: null, n };
  const half = (studentQuantile(0.975, n - 1) * standardDeviation(values)) / Math.sqrt(n);
  return { mean: center, ci95: [center - half, center + half], n };
}

/** The interval of a - b over pairs that share a seed, so that what the seed adds to both cancels. */
export function pairedDifference(a: readonly number[], b: readonly number[]): Interval {
  if (a.length !== b.length) throw new Error(`pairedDifference: ${a.length} values against ${b.length}`);
  return confidenceInterval(a.map((value, i) => value - b[i]!));
}

/** The t with P(T ≤ t) = probability for Student's t with that many degrees of freedom. */
export function studentQuantile(probability: number, degrees: number): number {
  if (!(probability > 0 && probability < 1)) throw new Error(`studentQuantile: probability ${probability}`);
  if (!(degrees > 0)) throw new Error(`studentQuantile: degrees of freedom ${degrees}`);
  if (probability === 0.5) return 0;
  if (probability < 0.5) return -studentQuantile(1 - probability, degrees);
  let high = 1;
  while (studentCdf(high, degrees) < probability) high *= 2;
  let low = high === 1 ? 0 : high / 2;
  // Bisection down to neighbouring numbers: sixty cheap steps, and no derivative to get wrong.
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle;
    if (studentCdf(middle, degrees) < probability) low = middle;
    else high = middle;
  }
}

/** P(T ≤ t) = 1 - I(ν/(ν + t²); ν/2, 1/2) / 2 for t ≥ 0 (Abramowitz and Stegun 26.7.1). */
function studentCdf(t: number, degrees: number): number {
  return 1 - regularizedBeta(degrees / (degrees + t * t), degrees / 2, 0.5) / 2;
}

/**
 * The regularised incomplete beta function I(x; a, b), by the continued fraction of
 * Numerical Recipes (3rd edition, §6.4; DLMF 8.17.22), evaluated with Lentz's method.
 */
export function regularizedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast only left of the mode; right of it, I(x; a, b) = 1 - I(1 - x; b, a).
  if (x > (a + 1) / (a + b + 2)) return 1 - regularizedBeta(1 - x, b, a);
  const logFront = a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b);
  return (Math.exp(logFront) * betaFraction(x, a, b)) / a;
}

function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const away = (value: number) => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return fraction;
}

/** log Γ(x) for x > 0 by Lanczos' approximation with g = 7 and nine terms; relative error about 1e-15. */
function logGamma(x: number): number {
  const terms = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ];
  const z = x - 1;
  const sum = terms.reduce((total, term, i) => total + (i === 0 ? term : term / (z + i)), 0);
  const t = z + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum);
}
