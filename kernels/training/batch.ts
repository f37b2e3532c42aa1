/** Kernels of the training loop: the batch, and the ring of metrics. Nothing inside a step is read back. */
import { elementLoop } from '../element-loop.ts';
import { halfValue } from './half.ts';
import { defineKernel, type Floats, type Kernel, type Scalar } from '../kernel.ts';
import { wgsl } from '../wgsl.ts';

/** How the numbers of a column lie in memory. */
export type Storage = 'f32' | 'f16' | 'u8' | 'u32';
export const STORAGE_BYTES: Readonly<Record<Storage, number>> = { f32: 4, f16: 2, u8: 1, u32: 4 };

/** A number by the name of its place among those of its kind: alone in a float, or one of several in a word. */
const LOADS: Readonly<Record<Storage, (place: string) => string>> = {
  f32: (place) => `data[${place}]`,
  f16: (place) => `unpack2x16float(packed[${place} / 2u])[${place} % 2u]`,
  u8: (place) => `f32((packed[${place} / 4u] >> (${place} % 4u * 8u)) & 255u)`,
  u32: (place) => `packed[${place}]`,
};

/**
 * Rows of a batch, for all columns of a data set at once, and for `seeds` data sets of one size. `data` and `packed` are
 * flat: column c begins at `from_c`, counted in its own numbers, and is `width_c` of them a row, (seeds, rows, width_c); in
 * the batch it begins at `to_c`: of `y`, or a column of integers of `whole`. A shared column is one table for all seeds, and its row
 * for row i of seed s is `places[places_c + s rows + i]`. `order` holds two epochs' permutations, (2, seeds, rows); the batch begins at row `offset`
 * of them, which is in the step buffer, so it may run over the end of an epoch.
 */
export function gatherBatch(columns: readonly Storage[], shared: readonly boolean[] = []): Kernel {
  const uniforms: Record<string, Scalar> = {
    rows: 'u32',
    seeds: 'u32',
    batch: 'u32',
    offset: 'u32',
    widest: 'u32',
  };
  const range = [...columns.keys()];
  for (const c of range)
    for (const name of ['width', 'from', 'to', ...(shared[c] ? ['places'] : [])]) uniforms[name + c] = 'u32';
  return defineKernel<string, string, string>({
    name: 'gather-batch',
    inputs: {
      ...(columns.includes('f32') ? { data: 'f32' as const } : {}),
      ...(columns.some((storage) => storage !== 'f32') ? { packed: 'u32' as const } : {}),
      order: 'u32',
      ...(shared.includes(true) ? { places: 'u32' as const } : {}),
    },
    outputs: {
      ...(columns.some((storage) => storage !== 'u32') ? { y: 'f32' as const } : {}),
      ...(columns.includes('u32') ? { whole: 'u32' as const } : {}),
    },
    uniforms,
    readsStep: true,
    code: elementLoop({
      size: 'uniforms.seeds * uniforms.batch * uniforms.widest',
      digits: { j: 'uniforms.widest', line: 'uniforms.batch' },
      rest: 'seed',
      setup: 'let offset = u32(stepValue(uniforms.offset));',
      body: wgsl`
    // Below 3·rows: no division.
    var place = offset + line;
    if (place >= 2u * uniforms.rows) { place -= 2u * uniforms.rows; }
    let epoch = u32(place >= uniforms.rows);
    let row = seed * uniforms.rows + order[(epoch * uniforms.seeds + seed) * uniforms.rows + place - epoch * uniforms.rows];
    let to = seed * uniforms.batch + line;
    ${range
      .map(
        (c) => `if (j < uniforms.width${c}) {
      let place${c} = uniforms.from${c} + ${shared[c] ? `places[uniforms.places${c} + row]` : 'row'} * uniforms.width${c} + j;
      ${columns[c] === 'u32' ? 'whole' : 'y'}[uniforms.to${c} + to * uniforms.width${c} + j] = ${LOADS[columns[c]!](`place${c}`)};
    }`,
      )
      .join('\n    ')}`,
    }),
    reference({ data, packed, order, places }, u, { y, whole }, step) {
      for (let i = 0; i < u.seeds! * u.batch!; i++) {
        const seed = Math.floor(i / u.batch!);
        const place = (step.values[u.offset!]! + (i % u.batch!)) % (2 * u.rows!);
        const epoch = Math.floor(place / u.rows!);
        const row = seed * u.rows! + order![(epoch * u.seeds! + seed) * u.rows! + (place % u.rows!)]!;
        for (const c of range) {
          const width = u[`width${c}`]!;
          const own = shared[c] ? places![u[`places${c}`]! + row]! : row;
          for (let j = 0; j < width; j++) {
            const place = u[`from${c}`]! + own * width + j;
            (columns[c] === 'u32' ? whole : y)![u[`to${c}`]! + i * width + j] = numberAt(
              { data, packed },
              columns[c]!,
              place,
            );
          }
        }
      }
    },
  });
}

function numberAt(
  { data, packed }: { data: Floats | undefined; packed: Floats | undefined },
  storage: Storage,
  place: number,
): number {
  if (storage === 'f32') return data![place]!;
  const perWord = 4 / STORAGE_BYTES[storage];
  const bits = packed![Math.floor(place / perWord)]! >>> ((place % perWord) * (32 / perWord));
  return storage === 'u32' ? bits : storage === 'u8' ? bits & 255 : halfValue(bits);
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
