/** pow in portable WGSL; `math.ts` has the rules and the names. */
import { wgsl } from '../wgsl.ts';

/**
 * |a|^b = 2^(b log2 |a|), with log2 |a| and its product with b as sums of two floats: an error of b log2 |a|, which is up
 * to 128, counts 2^7 times in the result.
 *
 *     |a| = 2^k m, √½ ≤ m < √2;  s = (m - 1) / (m + 1) = sHead + sTail
 *     log2 m = 2/ln 2 (s + s³ Q(s²)) = 2/ln 2 artanh s      Q(s²) to 2^-37 of s
 *     2^f = 1 + f E(f), |f| ≤ ½                             E to 2^-34
 *
 * Q and E are minimax fits made for this file with Lawson's algorithm. Sums whose terms nearly cancel are sealed.
 */
export const power = wgsl`
fn power_(a: f32, b: f32) -> u32 {
  let bits = bitcast<u32>(a);
  let shift = bitcast<i32>(bits - 0x3f3504f3u) >> 23u;
  let m = bitcast<f32>(bits - (bitcast<u32>(shift) << 23u));
  let k = f32(shift);
  let zero = zero_(k);
  let minus = seal_(m - 1.0, zero);
  let plus = seal_(m + 1.0, zero);
  let plusHead = head_(plus);
  let plusTail = m - seal_(plusHead - 1.0, zero);
  let s = minus / plus;
  let sHead = head_(s);
  let sTail = (seal_(minus - sHead * plusHead, zero) - sHead * plusTail) / plus;
  let z = s * s;
  var q = 1.17927179e-1;
  q = q * z + 1.42685726e-1;
  q = q * z + 2.00001687e-1;
  q = q * z + 3.33333313e-1;
  // 2/ln 2 = 2.884765625 + 6.24456778e-4, of which the first has 12 bits.
  let high = seal_(sHead * 2.884765625, zero);
  let cubic = seal_(s * (z * q) + sTail, zero);
  let low = seal_(seal_(cubic * 2.88539008, zero) + sHead * 6.24456778e-4, zero);
  let sum = seal_(high + low, zero);
  let logHead = head_(seal_(k + sum, zero));
  let logTail = low - seal_(seal_(logHead - k, zero) - high, zero);
  // Beyond 2^32 the result is 0, 1 or infinity whatever b is.
  let y = clamp(b, -4294967296.0, 4294967296.0);
  let yHead = head_(y);
  let productHead = yHead * logHead;
  let productTail = seal_((y - yHead) * logHead, zero) + y * logTail;
  let n = round(clamp(seal_(productHead + productTail, zero), -300.0, 300.0));
  let f = clamp(seal_(productHead - n, zero) + productTail, -1.0, 1.0);
  var e = 1.51959312e-5;
  e = e * f + 1.54670081e-4;
  e = e * f + 1.33339386e-3;
  e = e * f + 9.61803738e-3;
  e = e * f + 5.55041023e-2;
  e = e * f + 2.40226507e-1;
  e = e * f + 6.93147182e-1;
  let result = bitcast<u32>(1.0 + f * e);
  let exponent = i32(result >> 23u) + whole_(n);
  let scaled = (result & 0x7fffffu) | (bitcast<u32>(clamp(exponent, 0, 255)) << 23u);
  return select(select(scaled, 0x7f800000u, exponent > 254), 0u, exponent < 1);
}
`;

/** The cases of IEEE 754's pow, but for zeros without a sign; 1 for b = 0, whatever a is, and for a = 1, whatever b is. */
export const pow = wgsl`
fn pow_(a: f32, b: f32) -> f32 {
  let aBits = bitcast<u32>(flush_(a));
  let bBits = bitcast<u32>(flush_(b));
  let size = aBits & 0x7fffffffu;
  let isWhole = floor(b) == b;
  // From 2^24 on every float is even.
  let isOdd = isWhole && abs(b) < 16777216.0 && (i32(clamp(b, -16777216.0, 16777216.0)) & 1) == 1;
  let grows = (bBits >> 31u) == 0u;
  var y = power_(bitcast<f32>(size), bitcast<f32>(bBits));
  y = select(y, select(0u, 0x7f800000u, grows), size == 0x7f800000u);
  y = select(y, select(0x7f800000u, 0u, grows), size == 0u);
  if ((aBits >> 31u) == 1u) {
    y = select(y, y | 0x80000000u, isOdd && y != 0u);
    y = select(y, 0x7fc00000u, !isWhole && size != 0x7f800000u);
  }
  y = select(y, aBits, size > 0x7f800000u);
  y = select(y, bBits, (bBits & 0x7fffffffu) > 0x7f800000u);
  return bitcast<f32>(select(y, 0x3f800000u, bBits == 0u || aBits == 0x3f800000u));
}
`;
