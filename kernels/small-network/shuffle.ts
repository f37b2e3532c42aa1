/** Permutations of rows, an invocation a seed and epoch: the integers of `permutationHost`. */
import { defineKernel, type Kernel } from '../kernel.ts';
import { philoxSource } from '../random/philox.ts';
import { permutationHost } from '../random/random-host.ts';
import { streams } from '../random/random.ts';
import { WORK_WORDS } from './work.ts';

/**
 * `order` has `slots` epochs of each seed, (seeds, slots, rows), epoch e in slot e mod slots. `work` says which epochs are made; see
 * `WORK_WORDS`. `keys` has two words a seed. Fisher and Yates from the end, as on the host.
 */
export const shuffleRows: Kernel<'work' | 'keys', 'order', 'rows' | 'seeds' | 'slots'> = defineKernel({
  name: 'shuffle-rows',
  inputs: { work: 'u32', keys: 'u32' },
  outputs: { order: 'u32' },
  inout: ['order'],
  uniforms: { rows: 'u32', seeds: 'u32', slots: 'u32' },
  workgroupSize: 8,
  code: `
${philoxSource.replace(/round < \d+u/, '$& + (uniforms.rows >> 31u)')}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let number = workgroupIndex(wid) * WORKGROUP_SIZE + lane;
  let seed = number % uniforms.seeds;
  let epoch = work[${WORK_WORDS.firstEpoch}] + number / uniforms.seeds;
  if (number < uniforms.seeds * work[${WORK_WORDS.epochs}]) {
    let start = (seed * uniforms.slots + epoch % uniforms.slots) * uniforms.rows;
    let key = vec2u(keys[2u * seed], keys[2u * seed + 1u]);
    for (var i = 0u; i < uniforms.rows; i++) { order[start + i] = i; }
    var words = vec4u();
    var block = 0u;
    // The words of a block one after another, by moving them up.
    for (var i = uniforms.rows - 1u; i > 0u; i--) {
      if (((uniforms.rows - 1u - i) & 3u) == 0u) {
        words = philox4x32(vec4u(block, 0u, work[${WORK_WORDS.epochsBefore}] + epoch, ${streams.shuffling}u), key);
        block++;
      }
      let j = mulHigh_(words.x, i + 1u);
      words = words.yzwx;
      let other = order[start + j];
      order[start + j] = order[start + i];
      order[start + i] = other;
    }
  }
}
`,
  reference({ work, keys }, { rows, seeds, slots }, { order }) {
    const first = work[WORK_WORDS.firstEpoch]!;
    for (let epoch = first; epoch < first + work[WORK_WORDS.epochs]!; epoch++)
      for (let s = 0; s < seeds; s++) {
        const seed = keys[2 * s]! + 2 ** 32 * keys[2 * s + 1]!;
        const number = work[WORK_WORDS.epochsBefore]! + epoch;
        const own = permutationHost(rows, { seed, stream: streams.shuffling, epoch: number });
        order.set(own, (s * slots + (epoch % slots)) * rows);
      }
  },
});
