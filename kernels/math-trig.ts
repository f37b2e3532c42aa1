/** sin and cos in portable WGSL, right for every finite x; `math.ts` has the rules and the names. */
import { wgsl } from './wgsl.ts';

/** The upper 32 bits of a 64-bit product, by halves of 16 bits: Knuth, TAOCP vol. 2, 4.3.1 M. */
export const mulHigh = wgsl`
fn mulHigh_(a: u32, b: u32) -> u32 {
  let aLow = a & 0xffffu;
  let aHigh = a >> 16u;
  let bLow = b & 0xffffu;
  let bHigh = b >> 16u;
  let first = aHigh * bLow + ((aLow * bLow) >> 16u);
  let second = aLow * bHigh + (first & 0xffffu);
  return aHigh * bHigh + (first >> 16u) + (second >> 16u);
}
`;

/**
 * x = angle + turns π/2, |angle| ≤ π/4, in integers: Payne and Hanek 1983, "Radian reduction for
 * trigonometric functions". A 24-bit significand meets the 96 bits of 1/(2π) that matter for its exponent;
 * of the product, two bits count the quarter turns and 62 are the fraction, of which 31 or more remain
 * significant.
 */
export const quarter = wgsl`
struct Quarter { angle: f32, turns: u32 }

// 1/(2π), 32 bits a word
const inverseTurn = array<u32, 7>(
  0x28be60dbu, 0x9391054au, 0x7f09d5f4u, 0x7d4d3770u, 0x36d8a566u, 0x4f10e410u, 0x7f9458eau);

fn quarter_(x: f32) -> Quarter {
  let bits = bitcast<u32>(x) & 0x7fffffffu;
  if (bits <= 0x3f490fdau) { return Quarter(x, 0u); }
  let m = ((bits & 0x7fffffu) << 8u) | 0x80000000u;
  let exponent = (bits >> 23u) - 126u;
  let word = exponent >> 5u;
  let left = exponent & 31u;
  let right = 31u - left;  // a shift by 32 is not defined, one by 1 and then by 31 is
  let w0 = select(inverseTurn[max(word, 1u) - 1u], 0u, word == 0u);
  let w1 = inverseTurn[word];
  let w2 = inverseTurn[word + 1u];
  let w3 = inverseTurn[word + 2u];
  let top = (w0 << left) | ((w1 >> 1u) >> right);
  let mid = (w1 << left) | ((w2 >> 1u) >> right);
  let end = (w2 << left) | ((w3 >> 1u) >> right);
  let product = m * mid;
  var low = product + mulHigh_(m, end);
  var high = m * top + mulHigh_(m, mid) + select(0u, 1u, low < product);
  // Round to the nearest quarter turn; what is left becomes sign and magnitude.
  var turns = ((high >> 29u) + 1u) >> 1u;
  high -= turns << 30u;
  var isNegative = (high >> 31u) == 1u;
  if (isNegative) {
    low = ~low + 1u;
    high = ~high + select(0u, 1u, low == 0u);
  }
  let zeros = countLeadingZeros(high | 1u);
  let fraction = (high << zeros) | ((low >> 1u) >> (31u - zeros));
  // 0xc90fdaa2 is π/2 · 2^31. Both halves are exact as floats, so their sum is rounded once, to nearest.
  let radians = mulHigh_(fraction, 0xc90fdaa2u);
  let size = (f32(radians & 0xffffff00u) + f32(radians & 0xffu)) * bitcast<f32>((98u - zeros) << 23u);
  if ((bitcast<u32>(x) >> 31u) == 1u) {
    isNegative = !isNegative;
    turns = ~turns + 1u;
  }
  return Quarter(select(size, -size, isNegative), turns);
}
`;

/** sin of x + turns π/2. Polynomials in z = angle²: Moshier, Cephes, single/sinf.c. NaN for infinite x. */
export const sine = wgsl`
fn sine_(x: f32, turns: u32) -> f32 {
  let quarter = quarter_(flush_(x));
  let r = quarter.angle;
  let z = r * r;
  var p = -1.9515295891e-4;
  p = p * z + 8.3321608736e-3;
  p = p * z - 1.6666654611e-1;
  var q = 2.443315711809948e-5;
  q = q * z - 1.388731625493765e-3;
  q = q * z + 4.166664568298827e-2;
  let quadrant = quarter.turns + turns;
  let y = select(r + r * (z * p), 1.0 + z * (z * q - 0.5), (quadrant & 1u) == 1u);
  let bits = bitcast<u32>(select(y, -y, (quadrant & 2u) == 2u));
  let isInfinite = (bitcast<u32>(x) & 0x7fffffffu) == 0x7f800000u;
  return finish_(x, bitcast<f32>(select(bits, 0x7fc00000u, isInfinite)));
}
`;

export const sin = wgsl`
fn sin_(x: f32) -> f32 { return sine_(x, 0u); }
`;

export const cos = wgsl`
fn cos_(x: f32) -> f32 { return sine_(x, 1u); }
`;
