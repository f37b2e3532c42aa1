/** sin, cos and tan in portable WGSL, right for every finite x, and atan; `math.ts` has the rules and the names. */
import { wgsl } from '../wgsl.ts';

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
 * x = angle + rest + turns π/2, |angle| ≤ π/4, in integers: Payne and Hanek 1983, "Radian reduction for
 * trigonometric functions". A 24-bit significand meets the 96 bits of 1/(2π) that matter for its exponent;
 * of the product, two bits count the quarter turns and 62 are the fraction, of which 31 or more remain
 * significant. `angle` is rounded to nearest, `rest` is what that leaves.
 */
export const quarter = wgsl`
struct Quarter { angle: f32, rest: f32, turns: u32 }

// 1/(2π), 32 bits a word
const inverseTurn = array<u32, 7>(
  0x28be60dbu, 0x9391054au, 0x7f09d5f4u, 0x7d4d3770u, 0x36d8a566u, 0x4f10e410u, 0x7f9458eau);

fn quarter_(x: f32) -> Quarter {
  let bits = bitcast<u32>(x) & 0x7fffffffu;
  if (bits <= 0x3f490fdau) { return Quarter(x, 0.0, 0u); }
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
  let rounded = f32(radians & 0xffffff00u) + f32(radians & 0xffu);
  let scale = bitcast<f32>((98u - zeros) << 23u);
  let size = rounded * scale;
  let rest = f32(bitcast<i32>(radians - u32(rounded))) * scale;
  if ((bitcast<u32>(x) >> 31u) == 1u) {
    isNegative = !isNegative;
    turns = ~turns + 1u;
  }
  return Quarter(select(size, -size, isNegative), select(rest, -rest, isNegative), turns);
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

/**
 * Of r = angle, corrected by the rest, as a sum of two floats: tan r = r + r³ P(r²). In odd quarters -1 over it, with the
 * heads of both (see `head_`) multiplied exactly and what that leaves put right: as fdlibm, k_tan.c, does. P is a minimax
 * fit made for this file with Lawson's algorithm, to 2^-29.
 */
export const tan = wgsl`
fn tan_(x: f32) -> f32 {
  let quarter = quarter_(flush_(x));
  let zero = bitcast<u32>(f32(quarter.turns & 3u)) & 1u;
  let r = quarter.angle;
  let z = r * r;
  var p = 4.38167946e-3;
  p = p * z + 7.88620528e-5;
  p = p * z + 1.08440034e-2;
  p = p * z + 2.12791190e-2;
  p = p * z + 5.40604927e-2;
  p = p * z + 1.33326590e-1;
  p = p * z + 3.33333492e-1;
  let cubic = seal_(r * (z * p), zero);
  let rough = seal_(r + cubic, zero);
  let low = seal_(cubic + quarter.rest * seal_(1.0 + rough * rough, zero), zero);
  let t = seal_(r + low, zero);
  let tail = low - seal_(t - r, zero);
  let tHead = head_(t);
  let tTail = tail + seal_(t - tHead, zero);
  let inverse = -1.0 / t;
  let head = head_(inverse);
  let left = seal_(1.0 + head * tHead, zero);
  let cotangent = head + inverse * seal_(left + head * tTail, zero);
  let bits = bitcast<u32>(select(t, cotangent, (quarter.turns & 1u) == 1u));
  let isInfinite = (bitcast<u32>(x) & 0x7fffffffu) == 0x7f800000u;
  return finish_(x, bitcast<f32>(select(bits, 0x7fc00000u, isInfinite)));
}
`;

/**
 * atan c + atan((a - c) / (1 + a c)) for a = |x| and the nearest c of 0, 1/2, 1, 3/2 and infinity, as fdlibm, s_atan.c.
 * atan c is a sum of two floats. P is a minimax fit made for this file with Lawson's algorithm, to 2^-29.
 */
export const atan = wgsl`
const atanHigh = array<f32, 5>(0.0, 4.636476040e-01, 7.853981853e-01, 9.827937484e-01, 1.570796371e+00);
const atanLow = array<f32, 5>(0.0, 5.012158633e-09, -2.185569503e-08, -2.513142461e-08, -4.371139006e-08);

fn atan_(x: f32) -> f32 {
  let a = abs(flush_(x));
  let place = u32(a >= 0.4375) + u32(a >= 0.6875) + u32(a >= 1.1875) + u32(a >= 2.4375);
  let c = f32(place) * 0.5;
  let zero = zero_(f32(place));
  let above = select(select(a - c, a + a - 1.0, place == 1u), -1.0, place == 4u);
  let below = select(select(1.0 + a * c, 2.0 + a, place == 1u), a, place == 4u);
  let r = above / below;
  let z = r * r;
  var p = -5.81666939e-2;
  p = p * z + 1.04897864e-1;
  p = p * z - 1.42294362e-1;
  p = p * z + 1.99977294e-1;
  p = p * z - 3.33333045e-1;
  let low = seal_(r * (z * p) + atanLow[place], zero);
  let y = atanHigh[place] + seal_(r + low, zero);
  return finish_(x, select(y, -y, x < 0.0));
}
`;
