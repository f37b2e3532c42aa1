/** One order for all numbers, as that of integers: what sorting and finding the largest compare. */
import type { Element } from '../kernel.ts';
import { wgsl } from '../wgsl.ts';

/** What an order is made of: float32 numbers, of which kernels see the bits, or integers. */
export type Ordered = 'f32' | 'u32';

/** How a kernel binds numbers whose order it wants. */
export const boundAs: Readonly<Record<Ordered, Element>> = { f32: 'f32Bits', u32: 'u32' };

/**
 * `orderKey(bits)`: a larger integer for a larger number, from -∞ to ∞; -0 and subnormal numbers are 0. NaN is larger than all, as in NumPy and
 * PyTorch. Compilers may assume that there is no NaN, so floats are not compared as such.
 */
export const orderKey: Readonly<Record<Ordered, string>> = {
  f32: wgsl`
fn orderKey(bits: u32) -> u32 {
  // Of negative numbers a larger one has the smaller bits.
  let key = select(bits | 0x80000000u, ~bits, bits > 0x80000000u);
  let size = bits & 0x7fffffffu;
  return select(select(key, 0x80000000u, size < 0x00800000u), 0xffffffffu, size > 0x7f800000u);
}
`,
  u32: 'fn orderKey(bits: u32) -> u32 { return bits; }',
};

/** Negative if `a` comes before `b` in that order, 0 if neither does. */
export function compareNumbers(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? -1 : Number(a > b);
}
