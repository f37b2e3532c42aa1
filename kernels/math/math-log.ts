/** log, log1p, softplus and r - 1 - log r in portable WGSL; `math.ts` has the rules and the names. */
import { wgsl } from '../wgsl.ts';

/**
 * log(2^k (1 + f)) = f + f² (f P(f) - 1/2) + k ln 2, for √½ - 1 ≤ f ≤ √2 - 1.
 * Coefficients, and ln 2 in two parts, of which k times the first is exact: Moshier, Cephes, single/logf.c.
 */
export const logarithm = wgsl`
fn logarithm_(x: f32, power: i32) -> f32 {
  let k = f32(power);
  let zero = zero_(k);
  let f = seal_(x, zero);
  var p = 7.0376836292e-2;
  p = p * f - 1.1514610310e-1;
  p = p * f + 1.1676998740e-1;
  p = p * f - 1.2420140846e-1;
  p = p * f + 1.4249322787e-1;
  p = p * f - 1.6668057665e-1;
  p = p * f + 2.0000714765e-1;
  p = p * f - 2.4999993993e-1;
  p = p * f + 3.3333331174e-1;
  let low = seal_((f * f) * (f * p - 0.5) - k * 2.12194440e-4, zero);
  return seal_(f + low, zero) + k * 0.693359375;
}
`;

/** x = 2^k m with √½ ≤ m < √2 by its bits. Minus infinity at 0 and subnormal numbers, NaN below. */
export const log = wgsl`
fn log_(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  let power = bitcast<i32>(bits - 0x3f3504f3u) >> 23u;
  let m = bitcast<f32>(bits - (bitcast<u32>(power) << 23u));
  var y = bitcast<u32>(logarithm_(m - 1.0, power));
  y = select(y, 0x7f800000u, bits == 0x7f800000u);
  y = select(y, 0x7fc00000u, bits > 0x7f800000u);  // the sign bit, or a NaN
  y = select(y, 0xff800000u, (bits & 0x7f800000u) == 0u);
  return finish_(x, bitcast<f32>(y));
}
`;

/**
 * 1 + x = 2^k (1 + f) with f = x 2^-k + (2^-k - 1), which is rounded once; k from the bits of the rounded 1
 * + x. From 2^25 on, 1 + x is x. Minus infinity at -1, NaN below.
 */
export const log1p = wgsl`
fn log1p_(x: f32) -> f32 {
  let arg = flush_(x);
  let bits = bitcast<u32>(1.0 + arg);
  let power = bitcast<i32>(bits - 0x3f3504f3u) >> 23u;
  let scale = bitcast<f32>(bitcast<u32>(127 - clamp(power, -126, 126)) << 23u);
  let m = bitcast<f32>(bits - (bitcast<u32>(power) << 23u));
  let offset = seal_(scale - 1.0, zero_(f32(power)));
  let f = select(arg * scale + offset, m - 1.0, arg > 33554432.0);
  var y = bitcast<u32>(logarithm_(f, power));
  y = select(y, 0x7f800000u, bits == 0x7f800000u);
  y = select(y, 0x7fc00000u, arg < -1.0);
  y = select(y, 0xff800000u, arg == -1.0);
  return finish_(x, bitcast<f32>(y));
}
`;

/**
 * log(1 + e^x). Composed of two monotone functions it is monotone; the usual max(x, 0) + log1p(e^-|x|) is
 * not, once rounded. Above 16 it is x, to within half a unit in the last place.
 */
export const softplus = wgsl`
fn softplus_(x: f32) -> f32 {
  let arg = flush_(x);
  return finish_(x, select(log1p_(exp_(min(arg, 20.0))), arg, arg > 16.0));
}
`;

/**
 * t - log(1 + t) ≥ 0, of t and of that logarithm, of which both the difference may be small:
 *
 *     |t| < 1/4:  s t - 2 s³ (1/3 + s²/5 + s⁴/7 + s⁶/9), s = t / (2 + t)      for log(1 + t) = 2 artanh s
 */
export const logGap = wgsl`
fn logGap_(t: f32, logarithm: f32) -> f32 {
  let s = t / (2.0 + t);
  let z = s * s;
  var p = 1.11111111e-1;
  p = p * z + 1.42857143e-1;
  p = p * z + 0.2;
  p = p * z + 3.33333333e-1;
  let near = flush_(s * t) - flush_((z * s) * (2.0 * p));
  return finish_(t, select(t - logarithm, near, abs(t) < 0.25));
}
`;
