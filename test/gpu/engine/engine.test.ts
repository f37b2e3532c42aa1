/** The backends: order of uploads, memory, limits, and loss of the device. */
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../../engine/backend.ts';
import { capture } from '../../../engine/capture.ts';
import { openCpu } from '../../../engine/cpu.ts';
import { DeviceLostError } from '../../../engine/device/device-errors.ts';
import { dispatch } from '../../../engine/dispatch.ts';
import { openGpu } from '../../../engine/gpu/gpu.ts';
import { grad } from '../../../engine/grad.ts';
import { add, mul, square } from '../../../engine/ops/pointwise/elementwise.ts';
import { full, ones } from '../../../engine/ops/fill.ts';
import { reshape, transpose } from '../../../engine/ops/movement/movement.ts';
import { concat } from '../../../engine/ops/movement/concat.ts';
import { copyTo } from '../../../engine/ops/movement/copy-to.ts';
import { slice } from '../../../engine/ops/movement/slice.ts';
import { sum } from '../../../engine/ops/reduce/sum.ts';
import { stepValue } from '../../../engine/ops/step-value.ts';
import { empty, type Tensor, tensor, tidy, zeros } from '../../../engine/tensor.ts';
import { defineKernel } from '../../../kernels/kernel.ts';
import { concatInto } from '../../../kernels/movement/movement.ts';
import { cpu, gpu } from '../../backends.ts';

const both: [string, () => Promise<Backend>][] = [
  ['CPU', async () => cpu],
  ['GPU', gpu],
];
const numbers = async (x: Tensor) => [...(await x.data())];

describe('uploads do not overtake', () => {
  test('a pooled buffer written while an open encoder still uses it', async () => {
    const backend = await gpu();
    const first = tensor([1, 2, 3], [3], backend);
    await mul(first, 2).data(); // a kernel that is new has a submit of its own
    const doubled = mul(first, 2);
    const submits = backend.stats().submits;
    first.dispose();
    const second = tensor([7, 8, 9], [3], backend); // the same buffer
    expect(backend.stats().submits).toBe(submits + 1);
    expect(await numbers(doubled)).toEqual([2, 4, 6]);
    expect(await numbers(second)).toEqual([7, 8, 9]);
  });

  test('a cleared buffer that is written next, and a written one that is cleared next', async () => {
    const backend: Backend = await gpu();
    const x = zeros([3], backend);
    backend.upload(x.binding, [1, 2, 3], 'f32');
    const kept = add(x, 0);
    backend.clear(x.storage.memory);
    expect(await numbers(kept)).toEqual([1, 2, 3]);
    expect(await numbers(x)).toEqual([0, 0, 0]);
  });

  test('an input of replayed commands', async () => {
    const backend = await gpu();
    const x = tensor([1, 2], [2], backend);
    let y = x;
    const commands = backend.record(() => {
      y = mul(x, 10);
    });
    await y.data();
    backend.replay(commands);
    backend.upload(x.binding, [3, 4], 'f32');
    expect(await numbers(y)).toEqual([10, 20]);
    backend.replay(commands);
    expect(await numbers(y)).toEqual([30, 40]);
  });

  test('the step buffer', async () => {
    const backend = await gpu();
    const slot = backend.step.slot((step) => 100 * step);
    const seen: Tensor[] = [];
    for (let i = 0; i < 3; i++) {
      backend.step.begin(i);
      seen.push(stepValue(slot, backend));
    }
    slot.free();
    expect(await Promise.all(seen.map((x) => x.item()))).toEqual([0, 100, 200]);
  });
});

describe.each(both)('on the %s', (_, open) => {
  test('tensors of u32 keep whole numbers that float32 cannot', async () => {
    const index = tensor([16_777_217, 4_294_967_295], [2], await open(), { dtype: 'u32' });
    expect(index.dtype).toBe('u32');
    expect(await index.data()).toEqual(Uint32Array.of(16_777_217, 4_294_967_295));
  });

  test('without elements', async () => {
    const backend = await open();
    const nothing = zeros([0, 3], backend);
    expect(await numbers(mul(nothing, 2))).toEqual([]);
    expect(await numbers(sum(nothing, 0))).toEqual([0, 0, 0]);
    expect(await sum(nothing).item()).toBe(0);
    expect(transpose(nothing).shape).toEqual([3, 0]);
    const x = tensor([], [0], backend, { requiresGrad: true });
    expect(await numbers(grad(sum(square(x)), [x])[0]!)).toEqual([]);
    await expect(nothing.item()).rejects.toThrow('item: wants one element, got [0, 3]');
  });

  test('views share storage, and keep it alive', async () => {
    const backend = await open();
    const x = tensor([1, 2, 3, 4], [2, 2], backend);
    const flat = reshape(x, [4]);
    expect(flat.storage).toBe(x.storage);
    x.dispose();
    const other = full([4], 9, backend); // may not take the same memory
    expect(await numbers(flat)).toEqual([1, 2, 3, 4]);
    flat.dispose();
    expect(await numbers(other)).toEqual([9, 9, 9, 9]);
  });

  test('tidy frees what is not returned, nested or thrown through', async () => {
    const backend = await open();
    const x = tensor([1, 2], [2], backend);
    const inside: Tensor[] = [];
    const kept = tidy(() => {
      inside.push(mul(x, 2));
      const inner = tidy(() => {
        inside.push(mul(x, 3));
        return { a: mul(x, 4), list: [mul(x, 5)] };
      });
      inside.push(inner.a);
      return inner.list;
    });
    expect(inside.map((y) => y.isDisposed)).toEqual([true, true, true]);
    expect(await numbers(kept[0]!)).toEqual([5, 10]);
    expect(x.isDisposed).toBe(false);
    expect(() =>
      tidy(() => {
        inside.push(mul(x, 2));
        throw new Error('inside');
      }),
    ).toThrow('inside');
    expect(inside.at(-1)!.isDisposed).toBe(true);
    expect(() => tidy(async () => x)).toThrow('tidy: the function is async');
    const loop = () => {
      for (let i = 0; i < 20; i++) tidy(() => void sum(square(mul(x, i % 7))));
      return backend.stats().buffers;
    };
    expect(loop()).toBe(loop()); // the first leaves its constants
  });

  test('large tensors are copied by commands of their own, in a concat and in a captured step', async () => {
    const backend = await open();
    const size = 2 ** 16 + 3;
    const large = tensor(
      Float32Array.from({ length: size }, (_, i) => i % 97),
      [size],
      backend,
    );
    const small = tensor([5, 6], [2], backend);
    const { dispatches } = backend.stats();
    const y = concat([small, large, small, large], 0);
    expect(backend.stats().dispatches - dispatches).toBe(1); // the small ones
    const values = await y.data();
    expect([...values.slice(0, 4), ...values.slice(size, size + 5)]).toEqual([
      5,
      6,
      0,
      1,
      (size - 2) % 97,
      (size - 1) % 97,
      5,
      6,
      0,
    ]);
    expect(values.length).toBe(2 * size + 4);
    const step = capture(() => concat([small, large], 0), backend);
    for (let i = 0; i < 2; i++) step();
    backend.upload(large.binding, new Float32Array(size).fill(7), 'f32');
    expect([...(await step().data()).slice(0, 4)]).toEqual([5, 6, 7, 7]);
    step.dispose();
    if (backend.kind === 'gpu')
      expect(() => copyTo([large], large, { rows: 1, pitch: size, widths: [size], starts: [0] })).toThrow(
        'concat: a part and the whole share a buffer',
      );
  });

  test('a kernel that reads and writes one buffer, a uniform left out, an output that is not inout', async () => {
    const backend = await open();
    const x = tensor([1, 2], [2], backend);
    const half = tensor([1, 2], [2], backend);
    const place = { rows: 1, pitch: 2, widths: [2], starts: [0] };
    if (backend.kind === 'gpu') {
      expect(() => copyTo([x], x, place)).toThrow(
        "concat: 'x0' and 'y' share a buffer; one is read, one written",
      );
      expect(() =>
        dispatch(concatInto(1), { inputs: { x0: x }, outputs: { y: half }, workgroups: 1 }),
      ).toThrow("concat: uniform 'rows' is missing");
    }
    const copy = defineKernel({ name: 'copy', inputs: ['x'], outputs: ['y'], code: '', reference: () => {} });
    expect(() => dispatch(copy, { inputs: { x }, outputs: { y: half }, workgroups: 1 })).toThrow(
      "copy: 'y' is not declared inout",
    );
    expect(() => dispatch(copy, { inputs: { x }, outputs: { y: [2] }, workgroups: [70_000, 1, 1] })).toThrow(
      'copy: 70000 workgroups in one dimension, 65535 is the most',
    );
  });

  test('a slot of the step buffer has its value at once, and is free again', async () => {
    const backend = await open();
    backend.step.begin(4);
    const slots = Array.from({ length: 5 }, (_, i) => backend.step.slot((step) => step + i));
    expect(await stepValue(slots[2]!, backend).item()).toBe(6);
    backend.step.begin();
    expect(await stepValue(slots[2]!, backend).item()).toBe(7);
    const { index } = slots[2]!;
    slots[2]!.free();
    slots[2] = backend.step.slot(() => 0.5);
    expect(slots[2].index).toBe(index);
    expect(await stepValue(slots[2], backend).item()).toBe(0.5);
    expect(() => {
      for (let i = 0; i <= 60; i++) slots.push(backend.step.slot(() => 0));
    }).toThrow('step: all 60 slots are taken');
    for (const slot of slots) slot.free();
  });
});

test('more than 65,535 workgroups are folded into two dimensions', async () => {
  const one = defineKernel({
    name: 'one-a-workgroup',
    inputs: [],
    outputs: ['y'],
    uniforms: { size: 'u32' },
    workgroupSize: 1,
    code: `@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) wid: vec3u) {
  let i = workgroupIndex(wid);
  if (i < uniforms.size) { y[i] = f32(i); }
}`,
  });
  const backend = await gpu();
  const size = 2 * 65_535 + 3;
  const { y } = dispatch(one, {
    inputs: {},
    uniforms: { size },
    outputs: { y: [size] },
    workgroups: size,
    backend,
  });
  const got = await y.data();
  expect(got.findIndex((value, i) => value !== i)).toBe(-1);
  // And in an op: 65,536 · 64 · 4 elements, 16 MiB.
  const long = ones([65_536 * 64 + 5], backend);
  expect(await sum(slice(long, 0, 65_536 * 64 - 3, 65_536 * 64 + 5)).item()).toBe(8);
  long.dispose();
});

test('a tensor too large for the adapter: the error says so', async () => {
  const backend = await gpu();
  const { maxStorageBufferBindingSize, maxBufferSize } = backend.opened.limits;
  const limit = Math.min(maxStorageBufferBindingSize, maxBufferSize);
  expect(() => empty([limit / 4 + 1], backend, { label: 'huge' })).toThrow(
    /^huge: \d+ bytes are more than this adapter's limit/,
  );
});

test('an op whose result is too large names the op and the limit', async () => {
  const backend = await gpu();
  const limit = backend.opened.limits.maxStorageBufferBindingSize / 4;
  const [a, b] = [ones([2 ** 14, 1], backend), ones([limit / 2 ** 14 + 1], backend)];
  expect(() => add(a, b)).toThrow(
    /^add\.y: \d+ bytes are more than this adapter's limit of \d+ for one buffer/,
  );
});

test('more storage buffers or invocations than the adapter has: the error names them', async () => {
  const backend = await gpu();
  const { maxStorageBuffersPerShaderStage: most, maxComputeInvocationsPerWorkgroup: invocations } =
    backend.opened.limits;
  const x = zeros([1], backend);
  const inputs = Object.fromEntries(Array.from({ length: most }, (_, i) => [`x${i}`, x]));
  const code = '@compute @workgroup_size(WORKGROUP_SIZE) fn main() { y[0] = 1.0; }';
  const greedy = defineKernel({ name: 'greedy', inputs: Object.keys(inputs), outputs: ['y'], code });
  expect(() => dispatch(greedy, { inputs, outputs: { y: [1] }, workgroups: 1 })).toThrow(
    `greedy: ${most + 1} inputs and outputs (x0, x1, `,
  );
  const workgroupSize = 2 * invocations;
  const wide = defineKernel({ name: 'wide', inputs: ['x'], outputs: ['y'], workgroupSize, code });
  expect(() => dispatch(wide, { inputs: { x }, outputs: { y: [1] }, workgroups: 1 })).toThrow(
    `wide: a workgroup of ${workgroupSize}×1×1 where this adapter allows ${invocations} invocations`,
  );
});

test('invalid WGSL: the next read throws, and names the kernel', async () => {
  const backend = await openGpu();
  const bad = defineKernel({
    name: 'bad-kernel',
    inputs: ['x'],
    outputs: ['y'],
    code: '@compute @workgroup_size(1) fn main() { y[0] = x; }',
  });
  const { y } = dispatch(bad, { inputs: { x: zeros([1], backend) }, outputs: { y: [1] }, workgroups: 1 });
  await expect(y.data()).rejects.toThrow('bad-kernel');
  backend.close();
});

describe('after close', () => {
  test.each([
    ['GPU', openGpu, 'the device was closed; open another'],
    ['CPU', async () => openCpu(), 'the CPU backend was closed; open another'],
  ] as const)('everything on the %s says that it was closed', async (_, open, message) => {
    const backend: Backend = await open();
    const x = tensor([1, 2], [2], backend);
    const pending = x.data();
    await pending;
    backend.close();
    backend.close();
    expect(() => mul(x, 2)).toThrow(message);
    expect(() => zeros([2], backend)).toThrow(message);
    expect(() => tensor([1], [1], backend)).toThrow(message);
    await expect(x.data()).rejects.toThrow(message);
    expect(() => x.dispose()).not.toThrow();
  });

  test('a lost device: the next read throws DeviceLostError, and so does every dispatch', async () => {
    const backend = await openGpu();
    const x = tensor([1, 2], [2], backend);
    await mul(x, 2).data();
    const y = mul(x, 3);
    backend.opened.device.destroy();
    await expect(y.data()).rejects.toThrow(DeviceLostError);
    expect(() => mul(x, 2)).toThrow(DeviceLostError);
    await expect(x.data()).rejects.toThrow('the GPU device is lost');
    expect(() => backend.close()).not.toThrow();
  });
});
