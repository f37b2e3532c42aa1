/** NaN, infinities and order in portable WGSL; `math.ts` has the rules and the names. */
import { wgsl } from '../wgsl.ts';

/**
 * A WGSL compiler may assume that no float is NaN: `max(NaN, 0.0)` is 0 on one driver and NaN on another, and a test such as
 * `x != x` may be folded away. What must be known of a NaN is therefore asked of its bits.
 */
export const nan = wgsl`
fn nan_(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }
`;

/** y, or x where that is NaN. */
export const orNan = wgsl`
fn orNan_(x: f32, y: f32) -> f32 { return bitcast<f32>(select(bitcast<u32>(y), bitcast<u32>(x), nan_(x))); }
`;

/** Integers in the order of floats: -0, 0 and subnormal numbers alike 0, and NaN above infinity, whatever its sign. */
export const order = wgsl`
fn order_(x: f32) -> i32 {
  let bits = bitcast<u32>(flush_(x));
  let size = i32(bits & 0x7fffffffu);
  return select(select(size, -size, bits > 0x80000000u), 0x7fffffff, size > 0x7f800000);
}
`;

const comparison = (name: string, operator: string) => wgsl`
fn ${name}_(a: f32, b: f32) -> bool {
  let place = order_(a);
  return (place ${operator} order_(b)) & (place < 0x7fffffff);
}
`;

/** Comparisons that are false where an operand is NaN. */
export const greater: string = comparison('greater', '>');
export const greaterEqual: string = comparison('greaterEqual', '>=');
export const equal: string = comparison('equal', '==');

/** x > 0 for a normal number or infinity; not for NaN. */
export const positive = wgsl`
fn positive_(x: f32) -> bool { return bitcast<u32>(x) - 0x00800000u < 0x7f000001u; }
`;

/** x > 0.5: a condition, or an entry of a mask; not for NaN. */
export const chosen = wgsl`
fn chosen_(x: f32) -> bool { return bitcast<u32>(x) - 0x3f000001u < 0x40800000u; }
`;

/** IEEE 754-2019 maximum and minimum: NaN where an operand is NaN. A zero is +0, for drivers choose either of two. */
export const max = wgsl`
fn max_(a: f32, b: f32) -> f32 { return finish_(a, finish_(b, max(a, b))); }
`;

export const min = wgsl`
fn min_(a: f32, b: f32) -> f32 { return finish_(a, finish_(b, min(a, b))); }
`;

/** min(max(x, low), high), or NaN. */
export const clamp = wgsl`
fn clamp_(x: f32, low: f32, high: f32) -> f32 {
  return finish_(x, finish_(low, finish_(high, min(max(x, low), high))));
}
`;

export const sign = wgsl`
fn sign_(x: f32) -> f32 { return finish_(x, sign(flush_(x))); }
`;

/**
 * max(x, 0), or NaN. Positive numbers and NaN of either sign are the patterns from 0xff800001 on over 0 to 0x7fffffff: one
 * interval, once moved to begin at 0.
 */
export const relu = wgsl`
fn relu_(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  return bitcast<f32>(select(0u, bits, bits + 0x007fffffu < 0x807fffffu));
}
`;
