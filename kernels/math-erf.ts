/** The error function in portable WGSL; `math.ts` has the rules and the names. */
import { wgsl } from './wgsl.ts';

/**
 *     |x| ≤ 0.9277:  x + x P(x²)
 *     else:          1 - exp(-(x + x Q(x))), Q a fit of -log(erfc x) / x - 1
 *
 * The second form is W. J. Cody's idea (Math. Comp. 23, 1969: erfc by an exponential), and P and Q are
 * minimax fits made for this file with Lawson's algorithm, weighted by the error they cause in erf, below
 * 2^-30.
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
  var q = 1.1230014e-5;
  q = q * a - 3.22794018e-4;
  q = q * a + 3.6424296e-3;
  q = q * a - 2.37620194e-2;
  q = q * a + 1.06236845e-1;
  q = q * a + 6.35151327e-1;
  q = q * a + 1.2864849e-1;
  let far = 1.0 - exp_(-(a + a * q));
  let y = select(near, far, a > 0.927734375);
  return finish_(x, select(y, -y, x < 0.0));
}
`;
