/**
 * What each row's label counts for: rows over labelled rows, so that a mean over all rows is one over those that are labelled;
 * 0 where it is ignored, NaN where it names no class.
 */
import { defineKernel, type Kernel } from '../kernel.ts';
import { wgsl } from '../wgsl.ts';

/** WGSL of `shareOf` and `weightOf`, for kernels with the uniforms `rows`, `classes` and `ignore` and the input `label`. */
export const labelFunctions: string = wgsl`
var<workgroup> labelled_: atomic<u32>;

// Rows over labelled rows of a mean; every lane must call it. A count of integers has one result in any order.
fn shareOf(lane: u32, mean: u32) -> f32 {
  var own = 0u;
  for (var row = lane; row < uniforms.rows; row += WORKGROUP_SIZE) {
    own += select(0u, 1u, label[mean * uniforms.rows + row] != uniforms.ignore);
  }
  atomicAdd(&labelled_, own);
  workgroupBarrier();
  return f32(uniforms.rows) / f32(max(atomicLoad(&labelled_), 1u));
}

fn weightOf(label: u32, share: f32) -> f32 {
  let isIgnored = label == uniforms.ignore;
  // Not a constant, which compilers refuse where it is NaN.
  let nan = bitcast<f32>(0x7fc00000u | (uniforms.rows >> 31u));
  return select(select(share, nan, label >= uniforms.classes), 0.0, isIgnored);
}
`;

/** weight (means, rows) of label (means, rows); means along z. */
export const labelWeights: Kernel<'label', 'weight', 'rows' | 'classes' | 'ignore'> = defineKernel({
  name: 'label-weights',
  inputs: { label: 'u32' },
  outputs: { weight: 'f32' },
  uniforms: { rows: 'u32', classes: 'u32', ignore: 'u32' },
  code: wgsl`
${labelFunctions}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let share = shareOf(lane, wid.z);
  for (var row = lane; row < uniforms.rows; row += WORKGROUP_SIZE) {
    let at = wid.z * uniforms.rows + row;
    weight[at] = weightOf(label[at], share);
  }
}
`,
  reference({ label }, { rows, classes, ignore }, { weight }) {
    for (let start = 0; start < label.length; start += rows) {
      const labels = label.subarray(start, start + rows);
      const share = rows / Math.max(1, labels.filter((each) => each !== ignore).length);
      for (const [row, each] of labels.entries())
        weight[start + row] = each === ignore ? 0 : each < classes ? share : NaN;
    }
  },
});
