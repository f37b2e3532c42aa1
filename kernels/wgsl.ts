/** The `wgsl` tag, and snippets that several kernels share. */
import { wgsl as preprocessed } from 'wgsl-preprocessor/wgsl-preprocessor.js';

/** WGSL with `#if` lines (wgsl-preprocessor). */
/* @__NO_SIDE_EFFECTS__ */
export function wgsl(strings: TemplateStringsArray, ...values: unknown[]): string {
  return preprocessed(strings, ...values);
}

/** Lanes that climb the tree of `partialSums`. */
export const FEW_LANES = 16;

/**
 * `sumOfPartials(lane)`: the sum of `partialSums`, `count` numbers that the lanes have written, the same on every lane,
 * added in a binary tree. `count` must be a power of two, and so must WORKGROUP_SIZE, which is `count` or 16. Every lane
 * must call it. Sixteen lanes climb the tree, each in its own column, then one: a barrier for each level would cost
 * software adapters more.
 */
export const partialSums = (count: number | 'WORKGROUP_SIZE'): string =>
  wgsl`
var<workgroup> partialSums: array<f32, ${count}>;

fn sumOfPartials(lane: u32) -> f32 {
  workgroupBarrier();
  for (var half = ${count}u / 2u; half >= ${FEW_LANES}u; half >>= 1u) {
    for (var i = lane; i < half && lane < ${FEW_LANES}u; i += ${FEW_LANES}u) { partialSums[i] += partialSums[i + half]; }
  }
  workgroupBarrier();
  for (var half = min(${count}u / 2u, ${FEW_LANES / 2}u); half > 0u; half >>= 1u) {
    for (var i = 0u; i < half && lane == 0u; i++) { partialSums[i] += partialSums[i + half]; }
  }
  workgroupBarrier();
  let total = partialSums[0];
  workgroupBarrier();  // the next call overwrites partialSums
  return total;
}
`.replaceAll('WORKGROUP_SIZEu', 'WORKGROUP_SIZE');

/**
 * Sum over the workgroup, the same on every lane, added in a binary tree. WORKGROUP_SIZE must be a power of two. Every
 * lane must call it.
 */
export const workgroupSum: string = wgsl`
${partialSums('WORKGROUP_SIZE')}

fn workgroupSum(lane: u32, value: f32) -> f32 {
  partialSums[lane] = value;
  return sumOfPartials(lane);
}
`;
