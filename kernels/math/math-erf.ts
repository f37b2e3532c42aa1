/** The error function in portable WGSL; `math.ts` has the rules and the names. */
import { wgsl } from '../wgsl.ts';

/**
 *     |x| ≤ 7/8:  x + x P(x²)
 *     else:       1 - exp(-(2x + x Q(x - 3/2))), Q a fit of -log(erfc x) / x - 2
 *
 * The second form is W. J. Cody's idea (Math. Comp. 23, 1969: erfc by an exponential). P and Q are minimax
 * fits made for this file with Lawson's algorithm, weighted by the error they cause in erf, below 2^-29. The
 * 2x, the shift by 3/2 and the place of the change keep rounding errors small enough for erf never to fall.
 */
export const erf = wgsl`
fn erf_(x: f32) -> f32 {
  let a = min(abs(flush_(x)), 4.0);
  let s = a * a;
  var p = 7.99664194e-5;
  p = p * s - 8.04976909e-4;
  p = p * s + 5.19240508e-3;
  p = p * s - 2.68557314e-2;
  p = p * s + 1.12836257e-1;
  p = p * s - 3.76126289e-1;
  p = p * s + 1.28379166e-1;
  // Of a very small a, a * p would be subnormal.
  let isTiny = a < 1e-18;
  let scaled = a * select(1.0, 1152921504606846976.0, isTiny);
  let near = (scaled + scaled * p) * select(1.0, 8.67361737988403547e-19, isTiny);
  let t = a - 1.5;
  var q = 8.5148522e-6;
  q = q * t - 2.19645532e-4;
  q = q * t + 1.60265295e-3;
  q = q * t - 8.41298699e-3;
  q = q * t + 3.84385623e-2;
  q = q * t + 8.34981978e-1;
  q = q * t + 2.56328076e-1;
  // By its bits, for a * 2 + a * q would be refolded as a * (2 + q).
  let twice = bitcast<f32>(bitcast<u32>(a) + 0x00800000u);
  let far = 1.0 - exp_(-(twice + a * q));
  let y = select(near, far, a > 0.875);
  return finish_(x, select(y, -y, x < 0.0));
}
`;
