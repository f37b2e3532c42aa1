/** The normal density and distribution in portable WGSL; `math.ts` has the rules and the names. */
import { wgsl } from '../wgsl.ts';

/**
 * e^(-x²/2) = e^(-h²/2) e^-d with h the head of x, whose square is exact, and d = (x - h)(x + h)/2 < 0.06: rounding x²
 * would cost as many units in the last place as the exponent is large.
 */
export const bell = wgsl`
fn bell_(x: f32) -> f32 {
  let a = min(abs(flush_(x)), 16.0);
  let h = head_(a);
  let d = (a - h) * (a + h) * -0.5;
  var p = d * 4.16666667e-2 + 1.66666667e-1;
  p = p * d + 0.5;
  p = p * d + 1.0;
  p = p * d + 1.0;
  return finish_(x, exp_(h * h * -0.5) * p);
}
`;

/**
 *     a ≤ 1:  Φ(a) = 1/2 + a P(a²)
 *     else:   Φ(-a) = e^(-a²/2) R((a - 3) / (a + 3)) / (a + 3), up to a = 13.3, beyond which it is subnormal
 *
 * P and R are minimax fits made for this file with Lawson's algorithm, to 2^-36 and 2^-27.
 */
export const normalMiddle = wgsl`
fn normalMiddle_(x: f32) -> f32 {
  let z = x * x;
  var p = 5.24784525e-7;
  p = p * z - 9.23346397e-6;
  p = p * z + 1.15268959e-4;
  p = p * z - 1.18725712e-3;
  p = p * z + 9.97354090e-3;
  p = p * z - 6.64903820e-2;
  p = p * z + 3.98942292e-1;
  return x * p;
}
`;

export const normalTail = wgsl`
fn normalTail_(a: f32) -> f32 {
  let size = clamp(a, 1.0, 13.3);
  let t = 1.0 / (size + 3.0);
  let s = (size - 3.0) * t;
  var p = -8.55783073e-5;
  p = p * s - 9.75986710e-4;
  p = p * s + 9.53080424e-4;
  p = p * s + 6.96273892e-3;
  p = p * s - 1.04515664e-2;
  p = p * s - 4.72625867e-2;
  p = p * s + 2.30017155e-1;
  p = p * s - 5.09332001e-1;
  p = p * s + 7.29083717e-1;
  return p * t;
}
`;

export const normalDistribution = wgsl`
fn normalDistribution_(x: f32) -> f32 {
  let tail = bell_(x) * normalTail_(abs(x));
  let far = select(tail, 1.0 - tail, x > 0.0);
  return finish_(x, select(far, 0.5 + normalMiddle_(flush_(x)), abs(x) <= 1.0));
}
`;

/** x Φ(x); far below 0 with x taken in before the bell, which is normal longer than Φ. At minus infinity the limit, 0. */
export const gelu = wgsl`
fn gelu_(x: f32) -> f32 {
  let bell = bell_(x);
  let tail = normalTail_(abs(x));
  let far = select((max(x, -1e18) * tail) * bell, x * (1.0 - tail * bell), x > 0.0);
  return finish_(x, select(far, x * (0.5 + normalMiddle_(x)), abs(x) <= 1.0));
}
`;
