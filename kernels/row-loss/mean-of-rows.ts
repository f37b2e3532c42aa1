/** The second dispatch of a loss over rows: the mean of what the rows lost, however many there are. */
import { defineKernel, type Kernel } from '../kernel.ts';
import { addTo, closeSum, hiddenZero, openSum } from '../math/math-sum.ts';
import { workgroupTotal } from '../reduce/reduce-plan.ts';
import { wgsl } from '../wgsl.ts';

/** y (means) of x (means, count); a workgroup a mean, along z. */
export const meanOfRows: Kernel<'x', 'y', 'count'> = defineKernel({
  name: 'mean-of-rows',
  inputs: ['x'],
  outputs: ['y'],
  uniforms: { count: 'u32' },
  workgroupSize: 64,
  code: wgsl`
${workgroupTotal('total', 'add')}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  ${hiddenZero('count')}
  ${openSum('sum')}
  for (var row = lane; row < uniforms.count; row += WORKGROUP_SIZE) ${addTo('sum', 'x[wid.z * uniforms.count + row]')}
  let all = total(lane, ${closeSum('sum')});
  if (lane == 0u) { y[wid.z] = all / f32(uniforms.count); }
}
`,
  reference({ x }, { count }, { y }) {
    for (let mean = 0; mean < y.length; mean++)
      y[mean] = x.subarray(mean * count, (mean + 1) * count).reduce((sum, each) => sum + each, 0) / count;
  },
});
