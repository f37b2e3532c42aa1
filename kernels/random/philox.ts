/**
 * Philox4x32-10, the counter-based random number generator: the same integers in TypeScript and in WGSL.
 * Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3" (the Random123 library).
 */
import { wgsl } from '../wgsl.ts';

export type Counter = readonly [number, number, number, number];
export type Key = readonly [number, number];

const MULTIPLIERS = [0xd2511f53, 0xcd9e8d57] as const;
/** The golden ratio and √3 - 1, 32 bits each: what the key grows by in a round. */
const WEYL = [0x9e3779b9, 0xbb67ae85] as const;
const ROUNDS = 10;

/** Four unsigned 32-bit integers, a function of counter and key alone. */
export function philox(counter: Counter, key: Key): [number, number, number, number] {
  // Signed integers, and no arrays inside the loop: seven times as fast as the obvious way, and every epoch shuffles.
  let [a, b, c, d] = [counter[0] | 0, counter[1] | 0, counter[2] | 0, counter[3] | 0];
  let [k0, k1] = [key[0] | 0, key[1] | 0];
  for (let round = 0; round < ROUNDS; round++) {
    const nextA = mulHigh(MULTIPLIERS[1], c) ^ b ^ k0;
    const nextC = mulHigh(MULTIPLIERS[0], a) ^ d ^ k1;
    b = Math.imul(MULTIPLIERS[1], c);
    d = Math.imul(MULTIPLIERS[0], a);
    a = nextA;
    c = nextC;
    k0 = (k0 + WEYL[0]) | 0;
    k1 = (k1 + WEYL[1]) | 0;
  }
  return [a >>> 0, b >>> 0, c >>> 0, d >>> 0];
}

/** The upper 32 bits of a 64-bit product, by halves of 16 bits, as `mulHigh_` in WGSL. */
export function mulHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  // Neither sum reaches 2^32, so wrapping around to signed integers loses nothing.
  const first = (Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)) | 0;
  const second = (Math.imul(aLow, bHigh) + (first & 0xffff)) | 0;
  return (Math.imul(aHigh, bHigh) + (first >>> 16) + (second >>> 16)) >>> 0;
}

/** A seed, a non-negative safe integer, as the two words of a key. */
export function keyOf(seed: number): Key {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new Error(`seed: want a non-negative safe integer, got ${seed}`);
  }
  return [seed >>> 0, Math.floor(seed / 2 ** 32)];
}

/** Calls `mulHigh_`, which `defineKernel` prepends. */
export const philoxSource = wgsl`
fn philox4x32(counter: vec4u, key: vec2u) -> vec4u {
  var c = counter;
  var k = key;
  for (var round = 0u; round < ${ROUNDS}u; round++) {
    c = vec4u(
      mulHigh_(${MULTIPLIERS[1]}u, c.z) ^ c.y ^ k.x,
      ${MULTIPLIERS[1]}u * c.z,
      mulHigh_(${MULTIPLIERS[0]}u, c.x) ^ c.w ^ k.y,
      ${MULTIPLIERS[0]}u * c.x);
    k += vec2u(${WEYL[0]}u, ${WEYL[1]}u);
  }
  return c;
}
`;
