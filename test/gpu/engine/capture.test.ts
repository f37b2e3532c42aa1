/** Captured steps: the bits of eager ones, nothing allocated, nothing shared, and clear words where it cannot be. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Backend } from '../../../engine/backend.ts';
import { capture } from '../../../engine/capture.ts';
import { type GpuBackend, openGpu } from '../../../engine/gpu/gpu.ts';
import { grad } from '../../../engine/grad.ts';
import { add, mul, square } from '../../../engine/ops/pointwise/elementwise.ts';
import { slice } from '../../../engine/ops/movement/slice.ts';
import { mean } from '../../../engine/ops/reduce/reduce.ts';
import { sum } from '../../../engine/ops/reduce/sum.ts';
import { adam, type Optimizer, sgd } from '../../../engine/optim/optim.ts';
import { dropout } from '../../../engine/random.ts';
import { cosine } from '../../../engine/optim/schedules.ts';
import { type Tensor, tensor, tidy, zeros } from '../../../engine/tensor.ts';
import { torDual } from '../../../losses/tor-dual.ts';
import { dualHead, mlp } from '../../../models/mlp.ts';
import { cpu, gpu } from '../../backends.ts';
import { noise } from '../../check.ts';

interface Training {
  optimizer: Optimizer;
  /** One update; the loss before it. */
  step(): Tensor;
}

const disposables: { dispose(): void }[] = [];
afterEach(() => {
  for (const one of disposables.splice(0)) one.dispose();
});

/** A dual-head student of 3-3-(1+1) on five points, with a scheduled rate and a scheduled weight, clipping and dropout. */
function training(backend: Backend): Training {
  const model = dualHead({ backend, widths: [3, 3], seed: 1 });
  const optimizer = adam(model.parameters, {
    learningRate: cosine(1e-2, { updates: 40, warmUp: 3 }),
    maxGradNorm: 1,
  });
  const weight = backend.step.slot((step) => 1 / (1 + step));
  disposables.push(optimizer, { dispose: () => weight.free() });
  const [x, label, teacher, outlier] = [1, 2, 3, 4].map((seed) => {
    const values = noise(5, seed).map((u) => (seed === 4 ? Number(u > 0) : u));
    return tensor(values, [5, 1], backend);
  }) as [Tensor, Tensor, Tensor, Tensor];
  const parameters = Object.values(model.parameters);
  const step = () => {
    const { pred, teacherPred } = model.forward(dropout(x, 0.2, { seed: 5 }));
    const loss = torDual({ pred, teacherPred, label, teacher, outlier }, { teacherWeight: weight });
    optimizer.step(grad(loss, parameters));
    return loss;
  };
  return { optimizer, step };
}

async function bits({ optimizer }: Training) {
  return Promise.all(Object.values(optimizer.state).map((x) => x.data()));
}

/** A gradient penalty: the loss has a gradient inside, and is differentiated itself. */
function penalised(backend: Backend): Training {
  const model = mlp({ backend, widths: [4], seed: 2 });
  const optimizer = sgd(model.parameters, { learningRate: 0.05, momentum: 0.9 });
  disposables.push(optimizer);
  const x = tensor(noise(6, 9), [6, 1], backend, { requiresGrad: true });
  const step = () => {
    const y = model.forward(x);
    const [slope] = grad(sum(y), [x], { createGraph: true });
    const loss = add(mean(square(y)), mean(square(slope!)));
    optimizer.step(grad(loss, Object.values(model.parameters)));
    return loss;
  };
  return { optimizer, step };
}

test.each([
  ['two heads, dropout, schedules, clipping', training],
  ['a second-order loss', penalised],
])('captured steps have the bits of eager ones: %s', async (_, make) => {
  const eager = await openGpu();
  const one = make(eager);
  const losses: number[] = [];
  for (let i = 0; i < 12; i++) {
    eager.step.begin();
    losses.push(await tidy(one.step).item());
  }
  expect(new Set(losses).size).toBe(12);

  const other = await openGpu();
  const two = make(other);
  const step = capture(two.step, other);
  disposables.push(step);
  const captured: number[] = [];
  for (let i = 0; i < 12; i++) {
    captured.push(await step().item());
    zeros([3], other).dispose(); // somebody else's work between steps
  }
  expect(step.commands).toBeGreaterThan(10);
  expect(captured).toEqual(losses);
  expect(await bits(two)).toEqual(await bits(one));
  expect(two.optimizer.updates).toBe(12);

  // Read only at the end: the step buffer's uploads do not overtake the replays.
  const third = await openGpu();
  const three = make(third);
  const unread = capture(three.step, third);
  disposables.push(unread);
  for (let i = 0; i < 12; i++) unread();
  expect(await bits(three)).toEqual(await bits(one));
  for (const thing of disposables.splice(0)) thing.dispose();
  for (const backend of [eager, other, third]) backend.close();
});

test('a step after the second is one submit, and creates nothing', async () => {
  const backend = await openGpu();
  const calls = counted(backend);
  const { step: once } = training(backend);
  const step = capture(once, backend);
  disposables.push(step);
  for (let i = 0; i < 3; i++) step();
  await backend.read(zeros([1], backend).binding, 'f32');
  calls.clear();
  for (let i = 0; i < 10; i++) step();
  backend.flush();
  expect(Object.fromEntries(calls)).toEqual({
    submit: 10,
    writeBuffer: 10, // the step buffer
    createCommandEncoder: 10,
  });
  for (const thing of disposables.splice(0)) thing.dispose();
  backend.close();
});

/** Counts what is asked of the device and its queue. */
function counted({ opened: { device } }: GpuBackend): Map<string, number> {
  const calls = new Map<string, number>();
  const wrap = (target: object) => {
    const prototype = Object.getPrototypeOf(target) as object;
    for (const name of Object.getOwnPropertyNames(prototype)) {
      if (!/^(create|submit|write)/.test(name)) continue;
      const method = Reflect.get(target, name) as (...args: unknown[]) => unknown;
      const count = (...args: unknown[]) => {
        calls.set(name, (calls.get(name) ?? 0) + 1);
        return method.apply(target, args);
      };
      Object.defineProperty(target, name, { value: count, configurable: true });
    }
  };
  wrap(device);
  wrap(device.queue);
  return calls;
}

describe('what a captured step owns', () => {
  test('is nobody else’s between replays, and anybody’s after dispose', async () => {
    const backend = await openGpu();
    const x = tensor([1, 2, 3], [3], backend);
    const step = capture(() => mul(add(mul(x, 2), 1), 10), backend);
    for (let i = 0; i < 2; i++) step();
    // As many tensors of this size as there are buffers to take.
    const others = Array.from({ length: 20 }, () => tensor([7, 7, 7], [3], backend));
    expect([...(await step().data())]).toEqual([30, 50, 70]);
    for (const other of others) expect([...(await other.data())]).toEqual([7, 7, 7]);
    const { buffers } = backend.stats();
    step.dispose();
    step.dispose();
    expect(() => step()).toThrow('capture: the captured step was disposed');
    const more = Array.from({ length: 3 }, () => tensor([8, 8, 8], [3], backend));
    expect(backend.stats().buffers).toBe(buffers);
    for (const other of [...others, ...more]) other.dispose();
    backend.close();
  });
});

test('what a step cleared is cleared again', async () => {
  const backend = await gpu();
  const x = tensor([1, 2, 3], [3], backend, { requiresGrad: true });
  // The gradient of a slice has zeros around it.
  const step = capture(() => grad(sum(slice(square(x), 0, 1, 2)), [x])[0]!, backend);
  for (let i = 0; i < 2; i++) step();
  const gradient = step();
  expect([...(await gradient.data())]).toEqual([0, 4, 0]);
  backend.upload(gradient.binding, [7, 7, 7], 'f32');
  expect([...(await step().data())]).toEqual([0, 4, 0]);
  step.dispose();
});

test('two captured steps in turn: each optimiser counts its own updates', async () => {
  const backend = await openGpu();
  const weights = [1, 2].map((value) => tensor([value], [1], backend, { requiresGrad: true }));
  const optimizers = weights.map((w) => sgd({ w }, { learningRate: (update) => 0.1 / (1 + update) }));
  const steps = weights.map((w, i) => capture(() => optimizers[i]!.step(grad(sum(w), [w])), backend));
  for (let i = 0; i < 5; i++) {
    steps[0]!();
    steps[1]!();
    steps[1]!();
  }
  expect(optimizers.map(({ updates }) => updates)).toEqual([5, 10]);
  const harmonic = (n: number) => Array.from({ length: n }, (_, i) => 0.1 / (1 + i)).reduce((a, b) => a + b);
  expect(await weights[0]!.item()).toBeCloseTo(1 - harmonic(5), 5);
  expect(await weights[1]!.item()).toBeCloseTo(2 - harmonic(10), 5);
  for (const thing of [...steps, ...optimizers]) thing.dispose();
  backend.close();
});

describe('a step that cannot be captured', () => {
  test.each([
    [
      'a number from JavaScript',
      (x: Tensor, i: number) => mul(x, tensorOf(x, i)),
      "capture: 'tensor' is uploaded inside the step",
    ],
    [
      'a shape that changes',
      (x: Tensor, i: number) => mul(slice(x, 0, 0, 1 + i), x),
      'capture: the step differs from the one before. Command 0 was strided-copy (size 1',
    ],
    [
      'one more command',
      (x: Tensor, i: number) => (i ? add(mul(x, 2), 1) : mul(x, 2)),
      'Command 1 was none, and is now add',
    ],
    [
      'one command less',
      (x: Tensor, i: number) => (i ? mul(x, 2) : add(mul(x, 2), 1)),
      'Command 1 was add (',
    ],
    [
      'another op',
      (x: Tensor, i: number) => (i ? mul(x, 2) : add(x, 2)),
      'Command 0 was add (size 3; a 3, b 1, y 3',
    ],
  ])('%s', async (_, f, message) => {
    const backend = await gpu();
    const x = tensor([1, 2, 3], [3], backend);
    let i = 0;
    const step = capture(() => f(x, i++), backend);
    step();
    expect(() => step()).toThrow(message);
    step.dispose();
  });

  test('a read-back', async () => {
    const x = tensor([1, 2, 3], [3], await gpu());
    const step = capture(() => void x.data(), x.backend, { where: 'my step' });
    expect(() => step()).toThrow("my step: 'tensor' is read inside the step, which a replay cannot do");
  });
});

function tensorOf(x: Tensor, value: number): Tensor {
  return tensor([value], [1], x.backend);
}

test('on the CPU every call runs the step', async () => {
  let runs = 0;
  const step = capture(() => tensor([runs++], [1], cpu), cpu);
  for (let i = 0; i < 4; i++) expect(await step().item()).toBe(i);
  expect(step.commands).toBe(0);
});

test('buffers and bytes are flat over 10,000 captured steps', async () => {
  const backend = await openGpu();
  const { step: once, optimizer } = training(backend);
  const step = capture(once, backend);
  disposables.push(step);
  const sizes: string[] = [];
  for (let i = 1; i <= 10_000; i++) {
    step();
    if (i % 100 === 0) await optimizer.firstSkippedStep(); // lets the GPU catch up
    if (i === 100 || i === 1000 || i === 10_000) {
      const { buffers, sizeBytes } = backend.stats();
      sizes.push(`${buffers} buffers, ${sizeBytes} bytes`);
    }
  }
  expect(await optimizer.firstSkippedStep()).toBe(0);
  expect(new Set(sizes).size, sizes.join('; ')).toBe(1);
  for (const thing of disposables.splice(0)) thing.dispose();
  backend.close();
}, 120_000);
