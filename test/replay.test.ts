/** Training steps that are recorded and replayed, and what thousands of them leave behind. */
import { afterEach, expect, test } from 'vitest';
import type { Backend } from '../engine/backend.ts';
import { openGpu } from '../engine/gpu.ts';
import { grad } from '../engine/grad.ts';
import { square } from '../engine/ops/elementwise.ts';
import { slice } from '../engine/ops/movement.ts';
import { sum } from '../engine/ops/reduce.ts';
import { adam, type Optimizer } from '../engine/optim.ts';
import { dropout } from '../engine/random.ts';
import { cosine } from '../engine/schedules.ts';
import { type Tensor, tensor, tidy } from '../engine/tensor.ts';
import { torDual } from '../losses/tor-dual.ts';
import { dualHead } from '../models/mlp.ts';
import { gpu } from './backends.ts';
import { noise } from './check.ts';

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
  const step = () =>
    tidy(() => {
      const { pred, teacherPred } = model.forward(dropout(x, 0.2, { seed: 5 }));
      const loss = torDual({ pred, teacherPred, label, teacher, outlier }, { teacherWeight: weight });
      optimizer.step(grad(loss, parameters));
      return loss;
    });
  return { optimizer, step };
}

test('ten replays of one recorded tor-dual step have the bits of ten eager steps', async () => {
  const eager = await openGpu();
  const recorded = await openGpu();
  const bits = async ({ optimizer }: Training) =>
    Promise.all(Object.values(optimizer.state).map((x) => x.data()));

  const one = training(eager);
  const losses: number[] = [];
  for (let i = 0; i < 11; i++) {
    eager.step.begin();
    losses.push(await one.step().item());
  }
  expect(new Set(losses).size).toBe(11);

  const two = training(recorded);
  recorded.step.begin();
  let loss: Tensor | undefined;
  const commands = recorded.recordDispatches(() => {
    loss = two.step();
  });
  expect(commands.length).toBeGreaterThan(10);
  const replayed = [await loss!.item()];
  const { dispatches } = recorded.stats();
  for (let i = 0; i < 10; i++) {
    recorded.step.begin();
    recorded.replay(commands);
    replayed.push(await loss!.item());
  }
  expect(recorded.stats().dispatches - dispatches).toBe(10 * commands.length);
  expect(replayed).toEqual(losses);
  expect(await bits(two)).toEqual(await bits(one));

  // Read only at the end: the uploads of ten steps do not overtake each other.
  eager.step.reset();
  const three = training(eager);
  for (let i = 0; i < 11; i++) {
    eager.step.begin();
    three.step().dispose();
  }
  expect(await bits(three)).toEqual(await bits(one));
  for (const one of disposables.splice(0)) one.dispose();
  eager.close();
  recorded.close();
});

test('what a recorded step cleared is cleared again', async () => {
  const backend = await gpu();
  const x = tensor([1, 2, 3], [3], backend, { requiresGrad: true });
  let gradient = x;
  // The gradient of a slice has zeros around it.
  const commands = backend.recordDispatches(() => {
    [gradient] = grad(sum(slice(square(x), 0, 1, 2)), [x]) as [Tensor];
  });
  expect([...(await gradient.data())]).toEqual([0, 4, 0]);
  const dirty = commands.flatMap((command) => ('cleared' in command ? [command.cleared] : []));
  expect(dirty).toHaveLength(1);
  backend.upload({ memory: dirty[0]!, offset: 0, size: 3 }, [7, 7, 7], 'f32');
  backend.replay(commands);
  expect([...(await gradient.data())]).toEqual([0, 4, 0]);
});

test('buffers and bytes are flat over 10,000 steps', async () => {
  const backend = await openGpu();
  const { step, optimizer } = training(backend);
  const sizes: string[] = [];
  for (let i = 1; i <= 10_000; i++) {
    step().dispose();
    if (i % 100 === 0) await optimizer.firstSkippedStep(); // lets the GPU catch up
    if (i === 100 || i === 1000 || i === 10_000) {
      const { buffers, sizeBytes } = backend.stats();
      sizes.push(`${buffers} buffers, ${sizeBytes} bytes`);
    }
  }
  expect(await optimizer.firstSkippedStep()).toBe(0);
  expect(new Set(sizes).size, sizes.join('; ')).toBe(1);
  for (const one of disposables.splice(0)) one.dispose();
  backend.close();
}, 120_000); // five seconds where nothing else runs
