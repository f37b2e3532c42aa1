/** The `wgsl` tag, and the sum over a workgroup for kernels of one's own. */
import { wgsl as preprocessed } from 'wgsl-preprocessor/wgsl-preprocessor.js';

/** WGSL with `#if` lines (wgsl-preprocessor). */
/* @__NO_SIDE_EFFECTS__ */
export function wgsl(strings: TemplateStringsArray, ...values: unknown[]): string {
  if (!strings?.raw) throw new Error('wgsl: is a tag of a text, as wgsl`…`');
  return preprocessed(strings, ...values);
}

/**
 * Sum over the workgroup, the same on every lane, added in a binary tree. WORKGROUP_SIZE must be a power of two. Every
 * lane must call it. Sixteen lanes climb the tree, each in its own column, then one: a barrier for each level would cost software
 * adapters more.
 */
export const workgroupSum: string = wgsl`
var<workgroup> partialSums: array<f32, WORKGROUP_SIZE>;

fn workgroupSum(lane: u32, value: f32) -> f32 {
  partialSums[lane] = value;
  workgroupBarrier();
  for (var half = WORKGROUP_SIZE / 2u; half >= 16u; half >>= 1u) {
    for (var i = lane; i < half && lane < 16u; i += 16u) { partialSums[i] += partialSums[i + half]; }
  }
  workgroupBarrier();
  for (var half = min(WORKGROUP_SIZE / 2u, 8u); half > 0u; half >>= 1u) {
    for (var i = 0u; i < half && lane == 0u; i++) { partialSums[i] += partialSums[i + half]; }
  }
  workgroupBarrier();
  let total = partialSums[0];
  workgroupBarrier();  // the next call overwrites partialSums
  return total;
}
`;
