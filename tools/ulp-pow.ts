/** Arguments of `pow` for the measurement of its error: bases of all sizes, exponents whose result is a normal float. */
import { philox } from '../kernels/random/philox.ts';

/** A quarter each: any base; one near 1, with a large exponent; a negative one with a whole exponent; sizes of every day. */
export function powArguments(count: number): { a: Float32Array; b: Float32Array } {
  const a = new Float32Array(count);
  const b = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const [u, v] = philox([i, 0, 0, 0], [5, 0]).map((word) => word / 2 ** 32) as [number, number];
    const kind = i % 4;
    if (kind === 0) a[i] = 2 ** (u * 252 - 126);
    else if (kind === 1) a[i] = 1 + (u < 0.5 ? 1 : -1) * 2 ** (-1 - 22 * Math.abs(2 * u - 1));
    else if (kind === 2) a[i] = -(2 ** (u * 10 - 5));
    else a[i] = u * 20 + 0.001;
    const most = 125 / Math.abs(Math.log2(Math.abs(a[i]!)));
    if (kind === 2) b[i] = Math.trunc((2 * v - 1) * Math.min(most, 40));
    else b[i] = (2 * v - 1) * Math.min(most, kind === 3 ? 20 : 2 ** 30);
  }
  return { a, b };
}
