/** What the adapter itself can do: arithmetic without memory, memory without arithmetic, and dispatches that do nothing. */
import { dispatch } from '../engine/dispatch.ts';
import type { GpuBackend } from '../engine/gpu/gpu.ts';
import { type Tensor, tensor, zeros } from '../engine/tensor.ts';
import { defineKernel } from '../kernels/kernel.ts';
import { wgsl } from '../kernels/wgsl.ts';
import type { Case } from './works/case.ts';
import { measure, type MeasureOptions } from './harness.ts';
import type { Remote } from './competitor.ts';

export interface Roofline {
  /** Most multiplications and additions a second, 10⁹. */
  readonly fmaGflops: number;
  /** Bytes read and written by a copy a second, 10⁹. */
  readonly copyGBs: number;
  /** Microseconds of a small dispatch after another within one submit. */
  readonly dispatchUs: number;
  /** Microseconds of a submit with one small dispatch, and of reading its result. */
  readonly submitReadUs: number;
}

export type Bound = 'arithmetic' | 'memory' | 'dispatch';

/** What bounds a work, and the least time that it leaves, in milliseconds. */
export function boundOf(
  { flops = 0, bytes = 0, dispatches = 0 }: { flops?: number; bytes?: number; dispatches?: number },
  { fmaGflops, copyGBs, dispatchUs }: Roofline,
): { bound: Bound; leastMs: number } {
  const times: [Bound, number][] = [
    ['arithmetic', flops / fmaGflops / 1e6],
    ['memory', bytes / copyGBs / 1e6],
    ['dispatch', (dispatches * dispatchUs) / 1e3],
  ];
  const [bound, leastMs] = times.reduce((most, next) => (next[1] > most[1] ? next : most));
  return { bound, leastMs };
}

/** Independent sums of four in registers: too few wait for each other, too many spill. */
const CHAINS = [1, 2, 4, 8];
/** vec4s that an invocation of the copy moves. */
const MOVES = [1, 4, 16];

const LANES = 2 ** 15;
const ROUNDS = 16;
/** Multiplications and additions in a row between two tests of the loop. */
const UNROLLED = 16;

export function limitCases({ quick }: { quick: boolean }): Case[] {
  const lanes = quick ? 256 : LANES;
  const numbers = quick ? 2 ** 12 : 2 ** 24;
  return [
    ...CHAINS.map((chains) => ({
      name: 'multiply and add',
      shape: `${chains} chains`,
      flops: lanes * ROUNDS * UNROLLED * chains * 4 * 2,
      bytes: 0,
      make: (gpu: GpuBackend) => {
        const kernel = multiplyAdd(chains);
        const x = values(2 * lanes, gpu);
        return () =>
          dispatch(kernel, {
            inputs: { x },
            uniforms: { rounds: ROUNDS },
            outputs: { y: [lanes] },
            workgroups: lanes / 64,
          }).y;
      },
    })),
    ...MOVES.map((moves) => ({
      name: 'copy',
      shape: `${moves} vec4s a lane`,
      flops: 0,
      bytes: 8 * numbers,
      make: (gpu: GpuBackend) => {
        const kernel = copy(moves);
        const x = zeros([numbers], gpu);
        const lanesOfCopy = numbers / 4 / moves;
        return () =>
          dispatch(kernel, {
            inputs: { x },
            uniforms: { stride: lanesOfCopy },
            outputs: { y: [numbers] },
            workgroups: lanesOfCopy / 64,
          }).y;
      },
    })),
    {
      name: 'small dispatch',
      shape: '256 numbers',
      flops: 0,
      bytes: 0,
      make: (gpu) => {
        const kernel = copy(1);
        const x = zeros([256], gpu);
        return () =>
          dispatch(kernel, {
            inputs: { x },
            uniforms: { stride: 64 },
            outputs: { y: [256] },
            workgroups: 1,
          }).y;
      },
    },
  ];
}

/** Measures all of it with a competitor that knows the cases, and tells which is next. Limits are the best of all samples, not medians. */
export async function measureRoofline(
  remote: Remote,
  { quick, note, ...options }: MeasureOptions & { quick: boolean; note?: (line: string) => void },
): Promise<Roofline> {
  const best = { fmaGflops: 0, copyGBs: 0, dispatchUs: Infinity };
  for (const { name, shape, flops, bytes } of limitCases({ quick })) {
    note?.(`limits of the adapter: ${name}, ${shape}`);
    await remote.prepare({ kind: 'case', family: 'limits', title: `${name} ${shape}`, quick });
    await remote.sample(1);
    const [timing] = await measure([{ sample: (runs) => remote.gpuSample(runs) }], options);
    const { minMs } = timing!;
    best.fmaGflops = Math.max(best.fmaGflops, flops / minMs / 1e6);
    best.copyGBs = Math.max(best.copyGBs, bytes / minMs / 1e6);
    if (flops + bytes === 0) best.dispatchUs = Math.min(best.dispatchUs, minMs * 1e3);
  }
  // The last case is the small dispatch: now one with its submit and its reading.
  const times: number[] = [];
  for (let i = 0; i < 20; i++) times.push(await remote.sample(1));
  return { ...best, submitReadUs: Math.min(...times) * 1e3 };
}

function values(count: number, gpu: GpuBackend): Tensor {
  return tensor(
    Float32Array.from({ length: count }, (_, i) => (i % 256) / 256),
    [count],
    gpu,
  );
}

/** sum ← sum a + b with a and b from memory, and no two sums alike: nothing that a compiler could leave out. */
function multiplyAdd(chains: number) {
  const all = Array.from({ length: chains }, (_, i) => `sum${i}`);
  const once = all.map((sum) => `${sum} = ${sum} * factor + term;`).join(' ');
  return defineKernel({
    name: `multiply-add-${chains}`,
    inputs: ['x'],
    outputs: ['y'],
    uniforms: { rounds: 'u32' },
    code: wgsl`
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let factor = vec4f(x[2u * id.x]);
  let term = vec4f(x[2u * id.x + 1u]);
  ${all.map((sum, i) => `var ${sum} = term * vec4f(${[1, 2, 3, 4].map((j) => `${4 * i + j}.0`).join(', ')});`).join('\n  ')}
  for (var round = 0u; round < uniforms.rounds; round++) {
    ${Array<string>(UNROLLED).fill(once).join('\n    ')}
  }
  let total = ${all.join(' + ')};
  y[id.x] = total.x + total.y + total.z + total.w;
}
`,
  });
}

function copy(moves: number) {
  return defineKernel({
    name: `copy-${moves}`,
    inputs: { x: 'vec4f' },
    outputs: { y: 'vec4f' },
    uniforms: { stride: 'u32' },
    code: wgsl`
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u) {
  ${Array.from({ length: moves }, (_, i) => `y[id.x + ${i}u * uniforms.stride] = x[id.x + ${i}u * uniforms.stride];`).join('\n  ')}
}
`,
  });
}
