/** What counts as an error, in units in the last place. */

/** The least and the greatest normal number of float32. */
export const SMALLEST = 2 ** -126;
export const LARGEST = (2 - 2 ** -23) * 2 ** 127;

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
/** 1 over the distance of float32 neighbours, by the exponent bits of a float64. */
const perUlp = Float64Array.from({ length: 2048 }, (_, exponent) => 2 ** (23 + 1023 - exponent));

/**
 * |got - wanted| in float32 neighbours at `wanted`. NaN where got is NaN or infinite and must not be; 0 where `wanted` is
 * NaN, infinite or beyond float32 and got says so, or where both are below the normal numbers.
 */
export function errorOf(got: number, wanted: number): number {
  const size = Math.abs(wanted);
  if (size >= SMALLEST && size <= LARGEST) {
    if (!(Math.abs(got) <= LARGEST)) return Number.NaN;
    float[0] = size;
    return Math.abs(got - wanted) * perUlp[words[1]! >>> 20]!;
  }
  if (size < SMALLEST) return Math.abs(got) <= SMALLEST ? 0 : Number.NaN;
  if (size > LARGEST) return Math.abs(got) >= LARGEST && got > 0 === wanted > 0 ? 0 : Number.NaN;
  return Number.isNaN(got) ? 0 : Number.NaN;
}
