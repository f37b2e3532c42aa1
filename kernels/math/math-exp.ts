/** exp, expm1, sigmoid, silu and tanh in portable WGSL; `math.ts` has the rules and the names. */
import { wgsl } from '../wgsl.ts';

/**
 * What every function starts and ends with. `flush_` makes subnormal numbers and -0 a plain 0, by an
 * integer test, since drivers differ in keeping them. `finish_` does so with a result and hands a NaN of
 * the input on. Both also keep a compiler from refolding the inside of a function with the caller's
 * arithmetic, since no driver measured looks through the integer select; `test/gpu/math/math.test.ts` watches it.
 */
export const flush = wgsl`
fn flush_(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  return bitcast<f32>(select(bits, 0u, (bits & 0x7f800000u) == 0u));
}
`;

export const finish = wgsl`
fn finish_(x: f32, y: f32) -> f32 {
  let bits = bitcast<u32>(x);
  return bitcast<f32>(select(bitcast<u32>(flush_(y)), bits, (bits & 0x7fffffffu) > 0x7f800000u));
}
`;

/**
 * Keeps one sum out of the next, which drivers rearrange: lavapipe computes a + (b * c + d * e) as
 *
 *     (a + b * c) + d * e
 *
 * An XOR with a 0 that no compiler can foresee does it: the last bit of a small whole number's float.
 */
export const seal = wgsl`
fn zero_(whole: f32) -> u32 { return bitcast<u32>(whole) & 1u; }

fn seal_(x: f32, zero: u32) -> f32 { return bitcast<f32>(bitcast<u32>(x) ^ zero); }
`;

/**
 * i32(x) of a whole number up to 2^22 either way: added to 1.5 · 2^23 it stands in the last bits of the sum. i32() itself has to
 * mind numbers that no integer has, which llvmpipe does one lane at a time.
 */
export const whole = wgsl`
fn whole_(x: f32) -> i32 { return bitcast<i32>(x + 12582912.0) - 0x4b400000; }
`;

/**
 * A float cut to 12 bits: the product of two heads is exact. T. J. Dekker 1971, "A floating-point technique for extending
 * the available precision", with a mask instead of a product that compilers would simplify.
 */
export const head = wgsl`
fn head_(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) & 0xfffff000u); }
`;

/**
 * exp x = 2^power (1 + fraction) for -88 ≤ x ≤ 88.75, |fraction| < 0.42.
 *
 *     x = n ln 2 + r,  |r| ≤ ln 2 / 2        Cody and Waite 1980: ln 2 in two parts, the first times n exact
 *     e^r - 1 = r + r² P(r)                  coefficients: Moshier, Cephes, single/expf.c
 */
export const exponential = wgsl`
struct Exponential { fraction: f32, power: i32, zero: u32 }

fn exponential_(x: f32) -> Exponential {
  let n = round(x * 1.44269504);
  let zero = zero_(n);
  let coarse = seal_(x - n * 0.693359375, zero);
  let r = seal_(coarse + n * 2.12194440e-4, zero);
  var p = 1.9875691500e-4;
  p = p * r + 1.3981999507e-3;
  p = p * r + 8.3334519073e-3;
  p = p * r + 4.1665795894e-2;
  p = p * r + 1.6666665459e-1;
  p = p * r + 5.0000001201e-1;
  return Exponential(seal_(r + (r * r) * p, zero), whole_(n), zero);
}
`;

/** Infinity above 88.72283, 0 below -87.33654, where the result would be subnormal. */
export const exp = wgsl`
fn exp_(x: f32) -> f32 {
  let arg = flush_(x);
  let e = exponential_(clamp(arg, -88.0, 88.75));
  // Scaling by 2^power is an addition to the exponent bits.
  var bits = bitcast<u32>(1.0 + e.fraction) + (bitcast<u32>(e.power) << 23u);
  bits = select(bits, 0u, arg < -87.33654);
  bits = select(bits, 0x7f800000u, arg > 88.72283);
  return finish_(x, bitcast<f32>(bits));
}
`;

/** 2^n (1 + q) - 1 = 2 (q 2^(n-1) + (2^(n-1) - 1/2)); infinity above 88.72283, like exp. */
export const expm1 = wgsl`
fn expm1_(x: f32) -> f32 {
  let arg = flush_(x);
  let e = exponential_(clamp(arg, -88.0, 88.75));
  let half = bitcast<f32>(bitcast<u32>(e.power + 126) << 23u);
  var y = select((e.fraction * half + seal_(half - 0.5, e.zero)) * 2.0, e.fraction, e.power == 0);
  y = select(y, -1.0, e.power < -25);
  let bits = select(bitcast<u32>(y), 0x7f800000u, arg > 88.72283);
  return finish_(x, bitcast<f32>(bits));
}
`;

/**
 * 1 / (1 + e^-x), with e^-x = 2^n (1 + q) put into one denominator so that it is rounded once:
 *
 *     n ≤ 0:  1 / ((1 + 2^n) + 2^n q)        n > 0:  2^-n / ((1 + 2^-n) + q)
 */
export const sigmoid = wgsl`
fn sigmoid_(x: f32) -> f32 {
  let arg = flush_(x);
  let e = exponential_(clamp(-arg, -87.4, 87.4));
  let small = bitcast<f32>(bitcast<u32>(127 - abs(e.power)) << 23u);
  var denominator = seal_(1.0 + small, e.zero) + e.fraction * select(small, 1.0, e.power > 0);
  // Here 1 + small would be rounded.
  denominator = select(denominator, 1.0 + seal_(small + e.fraction, e.zero), e.power > 18);
  let down = bitcast<u32>(max(e.power, 0));
  let bits = bitcast<u32>(1.0 / denominator);
  let isZero = arg < -87.33654 || (bits >> 23u) <= down;
  return finish_(x, bitcast<f32>(select(bits - (down << 23u), 0u, isZero)));
}
`;

/**
 * x / (1 + e^-x); for x < -24 that is x e^x to 2^-34, and e^x is subnormal earlier than the product. At minus infinity it is
 * the limit, 0.
 */
export const silu = wgsl`
fn silu_(x: f32) -> f32 {
  let half = exp_(x * 0.5);
  return finish_(x, select(x * sigmoid_(x), (max(x, -1e18) * half) * half, x < -24.0));
}
`;

/**
 *     |x| < 0.625:  x + x x² P(x²)           Moshier, Cephes, single/tanhf.c
 *     else:         1 - 2 / (e^2x + 1)
 */
export const tanh = wgsl`
fn tanh_(x: f32) -> f32 {
  let a = min(abs(x), 10.0);
  let z = a * a;
  var p = -5.70498872745e-3;
  p = p * z + 2.06390887954e-2;
  p = p * z - 5.37397155531e-2;
  p = p * z + 1.33314422036e-1;
  p = p * z - 3.33332819422e-1;
  // exp_ without what it does for subnormal, large and missing numbers: 0 <= 2a <= 20.
  let e = exponential_(a + a);
  let grown = bitcast<f32>(bitcast<u32>(1.0 + e.fraction) + (bitcast<u32>(e.power) << 23u));
  let far = 1.0 - 2.0 / (grown + 1.0);
  let y = select(a + a * (z * p), far, a >= 0.625);
  return finish_(x, select(y, -y, x < 0.0));
}
`;
