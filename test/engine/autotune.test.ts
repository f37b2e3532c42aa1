/** `autotune`: every variant gives the same bits, the choice is stored and used, and what cannot be tuned is said. */
import { expect, test } from 'vitest';
import { autotune } from '../../engine/profile/autotune.ts';
import { openCpu } from '../../engine/cpu.ts';
import { type GpuBackend, openGpu } from '../../engine/gpu/gpu.ts';
import { grad } from '../../engine/grad.ts';
import { conv2d } from '../../engine/ops/conv2d/conv2d.ts';
import { mul } from '../../engine/ops/pointwise/elementwise.ts';
import { linear } from '../../engine/ops/matmul/matmul.ts';
import { reshape } from '../../engine/ops/movement/movement.ts';
import { sum } from '../../engine/ops/reduce/sum.ts';
import { type Tensor, tensor, tidy } from '../../engine/tensor.ts';
import type { Variants } from '../../engine/tuning.ts';
import { gpu } from '../backends.ts';
import { noise } from '../check.ts';

const SHAPES = { x: [8, 4, 12, 18], kernel: [20, 4, 3, 3], weight: [20 * 10 * 16, 24], bias: [24] } as const;

/** A convolution and a layer with their gradients: operands that stay, and a step that leaves them alone. */
function stepOn(backend: GpuBackend): () => Tensor[] {
  const made = Object.values(SHAPES).map((shape, seed) => {
    const size = shape.reduce((product: number, n) => product * n, 1);
    const x = tensor(noise(size, seed), [...shape], backend);
    x.requiresGrad = true;
    return x;
  });
  const [x, kernel, weight, bias] = made as [Tensor, Tensor, Tensor, Tensor];
  return () => {
    const y = linear(reshape(conv2d(x, kernel), [8, -1]), weight, bias, 'tanh');
    return [y, ...grad(sum(mul(y, y)), made)];
  };
}

const bitsOf = async (step: () => Tensor[]) =>
  Promise.all(tidy(step).map(async (y) => [...new Uint32Array(Float32Array.from(await y.data()).buffer)]));

test('every variant that autotune tries gives the same bits', async () => {
  const backend = await openGpu();
  const step = stepOn(backend);
  const wanted = await bitsOf(step);
  const met = new Map<string, readonly string[]>();
  backend.variants = { choices: new Map(), met };
  await bitsOf(step);
  const rounds = Math.max(...[...met.values()].map((names) => names.length));
  expect(met.size).toBeGreaterThanOrEqual(5); // the layer and the convolution, forward and both gradients
  expect(rounds).toBeGreaterThan(4);
  for (let round = 0; round < rounds; round++) {
    const choices = new Map([...met].map(([key, names]) => [key, names[round] ?? names[0]!]));
    backend.variants = { choices };
    expect(await bitsOf(step), `round ${round}`).toEqual(wanted);
  }
  backend.close();
});

test('the choice is used at once, stored as JSON, and used by another backend', async () => {
  const backend = await openGpu();
  const step = stepOn(backend);
  const wanted = await bitsOf(step);
  const rounds: number[] = [];
  const tuning = await autotune(step, backend, { repeats: 2, onRound: (done) => void rounds.push(done) });
  expect(rounds).toEqual(rounds.map((_, i) => i + 1));
  expect(tuning.adapter).toBe(backend.name);
  expect(Object.fromEntries((backend.variants as Variants).choices)).toEqual(tuning.choices);
  expect(await bitsOf(step)).toEqual(wanted);
  backend.close();

  const stored = JSON.parse(JSON.stringify(tuning)) as typeof tuning;
  const again = await openGpu({ tuning: stored });
  expect(await bitsOf(stepOn(again))).toEqual(wanted);
  again.close();
});

test('what cannot be tuned', async () => {
  const backend = await gpu();
  const x = tensor([1, 2], [2], backend);
  await expect(autotune(() => mul(x, 2), backend)).rejects.toThrow('no matrix product and no convolution');
  expect(backend.variants?.choices.size ?? 0).toBe(0);
  await expect(autotune(() => {}, openCpu())).rejects.toThrow('wants a GPU backend');
  await expect(autotune(() => {}, backend, { repeats: 0 })).rejects.toThrow('at least 1, got 0');
  const tuning = { adapter: 'another', choices: {} };
  await expect(openGpu({ tuning })).rejects.toThrow("the tuning is of 'another', the adapter '");
});
