/**
 * Sums that keep what each addition loses and add it at the end: a sum of any length errs about as much as one addition. Every
 * sum of more than a few terms is made of these; `addTo` writes an addition, `hiddenZero` what it needs, `withLost_` ends the sum.
 *
 *     D. E. Knuth, The Art of Computer Programming 2, 4.2.2, theorem B: a + b = sum + lost, exactly
 *     T. Ogita, S. M. Rump, S. Oishi 2005, "Accurate sum and dot product", algorithm 4.4 (Sum2):
 *     |error| ≤ u |Σ x| + (n u)² Σ |x|,  u = 2^-24, n terms
 */
import { wgsl } from '../wgsl.ts';

/**
 * What a + b lost when it was rounded to `sum`. Without rounding it would be 0, and compilers may put that in its place: hence
 * the seals. Where a number or the sum is infinite, it is NaN.
 */
export const lost = wgsl`
fn lost_(a: f32, b: f32, sum: f32, zero: u32) -> f32 {
  let whole = seal_(sum, zero);
  let added = seal_(whole - a, zero);
  return seal_((a - (whole - added)) + (b - added), zero);
}
`;

/** The same of four sums. */
export const seal4 = wgsl`
fn seal4_(x: vec4f, zero: u32) -> vec4f { return bitcast<vec4f>(bitcast<vec4u>(x) ^ vec4u(zero)); }
`;

export const lost4 = wgsl`
fn lost4_(a: vec4f, b: vec4f, sum: vec4f, zero: u32) -> vec4f {
  let whole = seal4_(sum, zero);
  let added = seal4_(whole - a, zero);
  return seal4_((a - (whole - added)) + (b - added), zero);
}
`;

/** The end of a sum. Where what was lost is not finite, the plain sum says what is infinite and what is NaN. */
export const withLost = wgsl`
fn withLost_(sum: f32, lost: f32) -> f32 {
  return select(sum + lost, sum, (bitcast<u32>(lost) & 0x7f800000u) == 0x7f800000u);
}
`;

export const withLost4 = wgsl`
fn withLost4_(sum: vec4f, lost: vec4f) -> vec4f {
  return select(sum + lost, sum, (bitcast<vec4u>(lost) & vec4u(0x7f800000u)) == vec4u(0x7f800000u));
}
`;

/** WGSL of `nought_`, a 0 that no compiler can foresee: the first bit of a uniform that is below 2^31. */
export function hiddenZero(uniform: string): string {
  return `let nought_ = uniforms.${uniform} >> 31u;`;
}

/** WGSL of the variables that `addTo` changes: `sum`, which begins with `start`, and SUMLost, which begins with `lost`. */
export function openSum(sum: string, start = '0.0', lost = '0.0'): string {
  return `var ${sum} = ${start};
  var ${sum}Lost = ${lost};`;
}

/** WGSL that adds `term` to the variable `sum`, and what that loses to SUMLost. `nought_` must be in scope. */
export function addTo(sum: string, term: string, type: 'f32' | 'vec4f' = 'f32'): string {
  return `{
    let term_ = ${term};
    let next_ = ${sum} + term_;
    ${sum}Lost += ${type === 'f32' ? 'lost_' : 'lost4_'}(${sum}, term_, next_, nought_);
    ${sum} = next_;
  }`;
}

/** WGSL of the sum that `addTo` made. */
export function closeSum(sum: string, type: 'f32' | 'vec4f' = 'f32'): string {
  return `${type === 'f32' ? 'withLost_' : 'withLost4_'}(${sum}, ${sum}Lost)`;
}
