/** Kernels of the training loop: the batch, and the ring of metrics. Nothing inside a step is read back. */
import { defineKernel, type Kernel, type Scalar } from './kernel.ts';
import { wgsl } from './wgsl.ts';

/**
 * Rows of a batch, for all columns of a data set at once, and for `seeds` data sets of one size. `data` is flat: column c
 * begins at `from_c` and is `width_c` numbers a row, (seeds, rows, width_c); in the batch it begins at `to_c`. `order`
 * holds two epochs' permutations, (2, seeds, rows); the batch begins at row `offset` of them, which is in the step
 * buffer, so it may run over the end of an epoch.
 */
export function gatherBatch(columns: number): Kernel {
  const uniforms: Record<string, Scalar> = {
    rows: 'u32',
    seeds: 'u32',
    batch: 'u32',
    offset: 'u32',
    widest: 'u32',
  };
  const range = [...Array(columns).keys()];
  for (const c of range) for (const name of ['width', 'from', 'to']) uniforms[name + c] = 'u32';
  return defineKernel<string, string, string>({
    name: 'gather-batch',
    inputs: { data: 'f32', order: 'u32' },
    outputs: { y: 'f32' },
    uniforms,
    readsStep: true,
    code: wgsl`
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let offset = u32(stepValue(uniforms.offset));
  let size = uniforms.seeds * uniforms.batch * uniforms.widest;
  for (var t = workgroupIndex(wid) * WORKGROUP_SIZE + lane; t < size; t += invocations(groups)) {
    let i = t / uniforms.widest;
    let j = t - i * uniforms.widest;
    let seed = i / uniforms.batch;
    // Below 3·rows: no division.
    var place = offset + i - seed * uniforms.batch;
    if (place >= 2u * uniforms.rows) { place -= 2u * uniforms.rows; }
    let epoch = select(0u, 1u, place >= uniforms.rows);
    let row = seed * uniforms.rows + order[(epoch * uniforms.seeds + seed) * uniforms.rows + place - epoch * uniforms.rows];
    ${range
      .map(
        (c) => `if (j < uniforms.width${c}) {
      y[uniforms.to${c} + i * uniforms.width${c} + j] = data[uniforms.from${c} + row * uniforms.width${c} + j];
    }`,
      )
      .join('\n    ')}
  }
}
`,
    reference({ data, order }, u, { y }, step) {
      for (let i = 0; i < u.seeds! * u.batch!; i++) {
        const seed = Math.floor(i / u.batch!);
        const place = (step.values[u.offset!]! + (i % u.batch!)) % (2 * u.rows!);
        const epoch = Math.floor(place / u.rows!);
        const row = seed * u.rows! + order![(epoch * u.seeds! + seed) * u.rows! + (place % u.rows!)]!;
        for (const c of range) {
          const width = u[`width${c}`]!;
          for (let j = 0; j < width; j++) {
            y![u[`to${c}`]! + i * width + j] = data![u[`from${c}`]! + row * width + j]!;
          }
        }
      }
    },
  });
}

/** ring[step mod capacity] = value, a number or `count` of them: metrics wait on the GPU until somebody asks. */
export const storeMetric: Kernel<'value', 'ring', 'capacity' | 'count'> = defineKernel({
  name: 'store-metric',
  inputs: ['value'],
  outputs: ['ring'],
  inout: ['ring'],
  uniforms: { capacity: 'u32', count: 'u32' },
  readsStep: true,
  code: wgsl`
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = workgroupIndex(wid) * WORKGROUP_SIZE + lane;
  if (i < uniforms.count) { ring[step.number % uniforms.capacity * uniforms.count + i] = value[i]; }
}
`,
  reference({ value }, { capacity, count }, { ring }, step) {
    for (let i = 0; i < count; i++) ring[(step.number % capacity) * count + i] = value[i]!;
  },
});

/** A number of the step buffer as a scalar. */
export const readStep: Kernel<never, 'y', 'slot'> = defineKernel({
  name: 'read-step',
  inputs: [],
  outputs: ['y'],
  uniforms: { slot: 'u32' },
  readsStep: true,
  workgroupSize: 1,
  code: wgsl`
@compute @workgroup_size(WORKGROUP_SIZE)
fn main() { y[0] = stepValue(uniforms.slot); }
`,
  reference(_, { slot }, { y }, step) {
    y[0] = step.values[slot]!;
  },
});
