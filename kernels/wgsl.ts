/** The `wgsl` tag, and snippets that several kernels share. */
import { wgsl } from 'wgsl-preprocessor/wgsl-preprocessor.js';

export { wgsl };

/**
 * Sum over the workgroup, the same on every lane, added in a fixed tree. WORKGROUP_SIZE must be a power of two.
 * Every lane must call it.
 */
export const workgroupSum: string = wgsl`
var<workgroup> partialSums: array<f32, WORKGROUP_SIZE>;

fn workgroupSum(lane: u32, value: f32) -> f32 {
  partialSums[lane] = value;
  workgroupBarrier();
  for (var half = WORKGROUP_SIZE / 2u; half > 0u; half >>= 1u) {
    if (lane < half) { partialSums[lane] += partialSums[lane + half]; }
    workgroupBarrier();
  }
  let total = partialSums[0];
  workgroupBarrier();  // the next call overwrites partialSums
  return total;
}
`;
