/** `limbeck/bench` on a kernel as a stranger writes it. */
import { expect, test } from 'vitest';
import { bench } from '../../../bench/index.ts';
import { zeros } from '../../../engine/tensor.ts';
import { defineKernel } from '../../../kernels/kernel.ts';
import { wgsl } from '../../../kernels/wgsl.ts';
import { cpu, gpu } from '../../backends.ts';

const copy = defineKernel({
  name: 'copy',
  inputs: ['x'],
  outputs: ['y'],
  uniforms: { size: 'u32' },
  code: wgsl`
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < uniforms.size) { y[id.x] = x[id.x]; }
}
`,
});

const increment = defineKernel({
  name: 'increment',
  inputs: [],
  outputs: ['y'],
  inout: ['y'],
  code: wgsl`
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) id: vec3u) { y[id.x] += 1.0; }
`,
});

const short = { sampleMs: 2, rounds: 3 };

function copyOf(size: number, backend: Parameters<typeof zeros>[1]) {
  return {
    inputs: { x: zeros([size], backend) },
    outputs: { y: [size] },
    uniforms: { size },
    workgroups: 16,
  };
}

test('times and rates of a copy', async () => {
  const backend = await gpu();
  const result = await bench(copy, { ...copyOf(1024, backend), flops: 1024 }, short);
  expect(result).toMatchObject({ kernel: 'copy', adapter: backend.name, clock: 'gpu', bytes: 8192 });
  for (const value of [result.ms, result.minMs, result.firstMs, result.runs]) {
    expect(value).toBeGreaterThan(0);
    expect(value).toBeLessThan(Infinity);
  }
  expect(result.minMs).toBeLessThanOrEqual(result.ms);
  expect(result.gbs).toBeCloseTo(8192 / result.ms / 1e6, 9);
  expect(result.gflops).toBeCloseTo(1024 / result.ms / 1e6, 9);
  expect((await bench(copy, { ...copyOf(64, backend), bytes: 99 }, short)).bytes).toBe(99);
});

test('what is changed in place counts twice, and is changed by every run', async () => {
  const backend = await gpu();
  const y = zeros([64], backend);
  const { bytes, runs, gflops } = await bench(
    increment,
    { inputs: {}, outputs: { y }, workgroups: 1 },
    short,
  );
  expect(bytes).toBe(512);
  expect(gflops).toBeUndefined();
  expect((await y.data())[63]).toBeGreaterThan(3 * runs);
});

test('what cannot be timed says why', async () => {
  await expect(bench(copy, copyOf(4, cpu))).rejects.toThrow('bench: copy: wants a GPU backend, got cpu');
  await expect(bench(copy, copyOf(0, await gpu()))).rejects.toThrow('bench: copy has nothing to do');
  const none = { inputs: {}, outputs: { y: [64] }, workgroups: 1 };
  await expect(bench(increment, none)).rejects.toThrow('wants a GPU backend, and has no tensor');
});
