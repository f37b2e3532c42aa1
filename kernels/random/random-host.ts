/** Random numbers made on the host: the same integers as the kernels of `random.ts`. */
import { keyOf, mulHigh, philox } from './philox.ts';
import { unit, valuesPerLane } from './random.ts';

/** What `randomUniform` writes, bit for bit. */
export function uniformHost(
  count: number,
  { seed, stream, step = 0, call = 0 }: { seed: number; stream: number; step?: number; call?: number },
): Float32Array {
  const key = keyOf(seed);
  const y = new Float32Array(count);
  for (let block = 0; block * valuesPerLane < count; block++) {
    const words = philox([block, call, step, stream], key);
    const start = block * valuesPerLane;
    y.set(words.slice(0, count - start).map(unit), start);
  }
  return y;
}

/**
 * 0 … count - 1 in random order: Fisher and Yates, from the end (Knuth, TAOCP vol. 2, 3.4.2 P). A word w
 * becomes an index below n as floor(w n / 2^32), whose bias is below n / 2^32.
 */
export function permutationHost(
  count: number,
  { seed, stream, epoch }: { seed: number; stream: number; epoch: number },
): Uint32Array {
  const key = keyOf(seed);
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  let words: readonly number[] = [];
  for (let i = count - 1, drawn = 0; i > 0; i--, drawn++) {
    if (drawn % 4 === 0) words = philox([drawn / 4, 0, epoch, stream], key);
    const j = mulHigh(words[drawn % 4]!, i + 1);
    const other = order[j]!;
    order[j] = order[i]!;
    order[i] = other;
  }
  return order;
}

/** Uniform in [-1, 1), the same everywhere. */
export function noise(count: number, seed: number): Float32Array {
  return uniformHost(count, { seed, stream: 0 }).map((u) => 2 * u - 1);
}
