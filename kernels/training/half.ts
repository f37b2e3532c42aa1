/** Half precision on the host: IEEE 754 binary16, for numbers that are stored in two bytes. */

const LARGEST = 65504;
/** Between neighbours of subnormal halves: 2^-24. */
const SMALLEST = 2 ** -24;
const view = new DataView(new ArrayBuffer(8));

/** The bits of the nearest half, ties to even. @throws RangeError beyond ±65,504 after rounding, and for NaN. */
export function halfBits(value: number): number {
  const magnitude = Math.abs(value);
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const exponent = Math.max(-14, exponentOf(magnitude));
  const units = roundedToEven(magnitude / 2 ** (exponent - 10));
  if (!(units * 2 ** (exponent - 10) <= LARGEST))
    throw new RangeError(`${value} has no half-precision float`);
  // A normal half has its leading bit in the exponent field: adding does that, and carries.
  return sign | ((exponent + 14) * 0x400 + units);
}

/** The number that the lower 16 bits stand for. */
export function halfValue(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 0x3ff;
  const magnitude = exponent === 0 ? fraction * SMALLEST : (1024 + fraction) * 2 ** (exponent - 25);
  return bits & 0x8000 ? -magnitude : magnitude;
}

/** The floor of its logarithm to base 2, from the bits: `Math.log2` may err. */
function exponentOf(x: number): number {
  view.setFloat64(0, x);
  return ((view.getUint16(0) >> 4) & 0x7ff) - 1023;
}

function roundedToEven(x: number): number {
  const down = Math.floor(x);
  const rest = x - down;
  return rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? down + 1 : down;
}
