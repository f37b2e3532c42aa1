/** Kernels of the training loop: the batch, and the ring of metrics. Nothing inside a step is read back. */
import { defineKernel, type Kernel, type Scalar } from './kernel.ts';
import { wgsl } from './wgsl.ts';

/**
 * Rows of a batch, for all columns of a data set at once. `data` is flat: column c begins at `from_c` and is `width_c`
 * numbers a row; in the batch it begins at `to_c`. The rows are `order[(offset + i) mod 2·rows]` with the offset from
 * the step buffer: `order` holds two epochs' permutations, so a batch may run over the end of an epoch.
 */
export function gatherBatch(columns: number): Kernel {
  const uniforms: Record<string, Scalar> = { rows: 'u32', batch: 'u32', offset: 'u32', widest: 'u32' };
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
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let t = workgroupIndex(wid) * WORKGROUP_SIZE + lane;
  let i = t / uniforms.widest;
  let j = t - i * uniforms.widest;
  if (i < uniforms.batch) {
    let row = order[(u32(stepValue(uniforms.offset)) + i) % (2u * uniforms.rows)];
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
      for (let i = 0; i < u.batch!; i++) {
        const row = order![(step.values[u.offset!]! + i) % (2 * u.rows!)]!;
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

/** ring[step mod capacity] = value: metrics wait on the GPU until somebody asks. */
export const storeMetric: Kernel<'value', 'ring', 'capacity'> = defineKernel({
  name: 'store-metric',
  inputs: ['value'],
  outputs: ['ring'],
  inout: ['ring'],
  uniforms: { capacity: 'u32' },
  readsStep: true,
  workgroupSize: 1,
  code: wgsl`
@compute @workgroup_size(WORKGROUP_SIZE)
fn main() { ring[step.number % uniforms.capacity] = value[0]; }
`,
  reference({ value }, { capacity }, { ring }, step) {
    ring[step.number % capacity] = value[0]!;
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
