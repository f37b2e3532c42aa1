/** Whether the lanes of a small workgroup are the first ones of one subgroup, which WGSL does not promise. */
import { defineKernel, type Kernel } from '../kernel.ts';
import type { Lanes } from './description.ts';

/** Writes 1 for each lane of each workgroup that is where it should be. */
export function lanesCheck(lanes: Lanes): Kernel<never, 'agrees', never> {
  return defineKernel({
    name: 'lanes-check',
    inputs: [],
    outputs: { agrees: 'u32' },
    usesSubgroups: true,
    workgroupSize: lanes,
    code: `
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) wid: vec3u,
  @builtin(local_invocation_index) lane: u32,
  @builtin(subgroup_invocation_id) subgroupLane: u32,
  @builtin(subgroup_size) size: u32,
) {
  // What a neighbour hands over tells that both are in the same subgroup.
  let other = subgroupShuffleXor(lane + 100u * wid.x, WORKGROUP_SIZE - 1u);
  let isSame = other == 100u * wid.x + (WORKGROUP_SIZE - 1u - lane);
  agrees[wid.x * WORKGROUP_SIZE + lane] = u32(isSame && subgroupLane == lane && size >= WORKGROUP_SIZE);
}
`,
  });
}
