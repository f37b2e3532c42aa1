/** Sums that keep what each addition rounds off, so that their error does not grow with the number of terms. */
import { wgsl } from '../wgsl.ts';

/**
 * `addTo(sum, x, zero)` and `totalOf(sum)`: a sum with the errors of its additions (Knuth 1969, TwoSum). Each step is sealed
 * with a `zero` that no compiler can foresee (the top bit of a size), because some compute s - a of s = a + b as b. What is
 * not finite stays what plain additions make of it.
 */
export const twoSum: string = wgsl`
struct Sum { value: f32, error: f32 }

fn addTo(sum: Sum, x: f32, zero: u32) -> Sum {
  let s = seal_(sum.value + x, zero);
  let added = seal_(s - sum.value, zero);
  let kept = seal_(s - added, zero);
  let lostOfSum = seal_(sum.value - kept, zero);
  let lostOfX = seal_(x - added, zero);
  return Sum(s, seal_(sum.error + seal_(lostOfSum + lostOfX, zero), zero));
}

fn totalOf(sum: Sum) -> f32 {
  let isFinite = (bitcast<u32>(sum.value) & 0x7f800000u) != 0x7f800000u;
  return select(sum.value, sum.value + sum.error, isFinite);
}
`;
