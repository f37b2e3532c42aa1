/** How far two numbers are apart, as WebNN's tests measure it. */

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/**
 * How many float32 numbers one must step over to get from `a` to `b`, both rounded to float32; the zeros are one number.
 * Two NaN are equal. NaN and other numbers, infinity and finite ones, are infinitely far apart: WebNN's tests, which
 * subtract their bits, would find a distance there.
 */
export function ulpDistance(a: number, b: number): number {
  const [x, y] = [Math.fround(a), Math.fround(b)];
  if (Object.is(x, y)) return 0;
  return Number.isFinite(x) && Number.isFinite(y) ? Math.abs(ordinal(x) - ordinal(y)) : Infinity;
}

/** The place of a float32 among all of them, counted from 0: its bits, where the sign means a negative place. */
function ordinal(x: number): number {
  float[0] = Math.abs(x);
  return x < 0 ? -bits[0]! : bits[0]!;
}

/** |a − b|; equal infinities and two NaN do not differ. */
export function absoluteDifference(a: number, b: number): number {
  if (Object.is(a, b)) return 0;
  const difference = Math.abs(a - b);
  return Number.isNaN(difference) ? Infinity : difference;
}
