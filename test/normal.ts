/** Standard normal numbers on the host, for tests: pairs by Box and Muller 1958 from Philox. */
import { uniformHost } from '../kernels/random/random-host.ts';

export function randomNormalHost(count: number, seed: number): Float64Array {
  const [u, v] = [0, 1].map((call) => uniformHost(count, { seed, stream: 0, call }));
  return Float64Array.from(
    u!,
    (value, i) => Math.sqrt(-2 * Math.log(1 - value)) * Math.cos(2 * Math.PI * v![i]!),
  );
}
