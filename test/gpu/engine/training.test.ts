/** Batches, the training loop and its guards, on both backends. */
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../../engine/backend.ts';
import { Batches } from '../../../engine/data/batches.ts';
import { sum } from '../../../engine/ops/reduce/sum.ts';
import { mul, square } from '../../../engine/ops/pointwise/elementwise.ts';
import { adam, adamW, sgd } from '../../../engine/optim/optim.ts';
import { dropout } from '../../../engine/random.ts';
import { cosine } from '../../../engine/optim/schedules.ts';
import { full, ones } from '../../../engine/ops/fill.ts';
import { type Tensor, tensor, tidy } from '../../../engine/tensor.ts';
import { grad } from '../../../engine/grad.ts';
import { mse } from '../../../losses/regression.ts';
import { defineLoss } from '../../../losses/loss.ts';
import { train } from '../../../train/loop.ts';
import { cpu, gpu } from '../../backends.ts';

const backends: [string, () => Promise<Backend>][] = [
  ['CPU', async () => cpu],
  ['GPU', gpu],
];
const range = (count: number) => Array.from({ length: count }, (_, i) => i);

describe.each(backends)('%s', (_, open) => {
  test('batches draw every row once an epoch, whatever the batch size, and keep rows together', async () => {
    const backend = await open();
    const columns = {
      x: { values: range(14), width: 2 },
      label: { values: range(7).map((row) => 100 + row), width: 1 },
    };
    const batches = new Batches(columns, backend, { batchSize: 3, seed: 5 });
    const drawn: number[] = [];
    for (const number of range(7)) {
      batches.prepare(number);
      backend.step.begin();
      const { x, label } = batches.batch();
      expect([x.shape, label.shape]).toEqual([
        [3, 2],
        [3, 1],
      ]);
      const [pairs, rows] = [await x.data(), [...(await label.data())].map((value) => value - 100)];
      expect([...pairs]).toEqual(rows.flatMap((row) => [2 * row, 2 * row + 1]));
      drawn.push(...rows);
    }
    for (const epoch of range(3)) {
      expect(drawn.slice(7 * epoch, 7 * epoch + 7).toSorted((a, b) => a - b)).toEqual(range(7));
    }
    expect(drawn.slice(0, 7)).not.toEqual(drawn.slice(7, 14));

    // Back to the first batch, as after resuming from a checkpoint.
    batches.prepare(0);
    backend.step.begin();
    expect([...(await batches.batch().label.data())].map((value) => value - 100)).toEqual(drawn.slice(0, 3));
    batches.dispose();
  });

  test('steps without an update count for nothing', async () => {
    const backend = await open();
    const run = async (idle: number) => {
      const x = tensor([1, 2], [2], backend, { requiresGrad: true });
      const optimizer = adam({ x }, { learningRate: cosine(0.1, { updates: 20 }) });
      for (const update of range(5)) {
        for (let i = 0; i < idle; i++) backend.step.begin();
        tidy(() => optimizer.step(grad(sum(square(x)), [x])));
        expect(optimizer.updates).toBe(update + 1);
      }
      optimizer.dispose();
      return x.data();
    };
    expect(await run(3)).toEqual(await run(0));
  });

  test('two dropouts of a step have masks of their own', async () => {
    const backend = await open();
    const x = ones([64], backend);
    backend.step.begin();
    const [first, second] = [dropout(x, 0.5), dropout(x, 0.5)];
    expect(await first.data()).not.toEqual(await second.data());
    backend.step.begin(backend.step.number);
    expect(await dropout(x, 0.5).data()).toEqual(await first.data());
  });

  test('an update that overflows leaves finite weights, and the loop names the step', async () => {
    const backend = await open();
    backend.step.reset();
    const weight = tensor([1], [1, 1], backend, { requiresGrad: true });
    const optimizer = sgd({ weight }, { learningRate: 1e38 });
    const batches = new Batches({ x: { values: [3, 4], width: 1 } }, backend, { batchSize: 2, seed: 0 });
    const loss = ({ x }: { x: Tensor }) => mse({ pred: mul(x, weight), label: mul(x, 2) });
    const training = train({ backend, batches, loss, optimizer, steps: 9, readEvery: 3, where: 'hot' });
    // 1e38² is finite in float64, but the CPU backend has float32's range.
    await expect(training).rejects.toThrow(/^hot: .* not finite at step 2;/);
    expect(Math.abs(await weight.item())).toBeGreaterThan(1e38);
    expect(Math.abs(await weight.item())).toBeLessThan(3.41e38);
    optimizer.dispose();
    batches.dispose();
  });
});

test('misuse is refused with its name', async () => {
  const x = tensor([1], [1, 1], cpu, { requiresGrad: true });
  expect(() => adam({ x }, { lr: 1 } as object)).toThrow(/adam: unknown option 'lr'; it has .*learningRate/);
  expect(() => adam({ x }, { beta1: 1 })).toThrow(/beta1 must lie in \[0, 1\), got 1/);
  expect(() => adam({ x }, { learningRate: 1e39 })).toThrow(/learning rate/);
  const decaying = adamW({ x }, { weightDecay: undefined });
  tidy(() => decaying.step([mul(x, 0)]));
  expect(await x.item()).toBeCloseTo(1 - 1e-3 * 0.01, 12);
  decaying.dispose();
  expect(() => sgd({ x }, { learningRate: () => NaN })).toThrow(/a schedule gives NaN for update 0/);

  const columns = { x: { values: [1, 2], width: 1 } };
  expect(() => new Batches(columns, cpu, { batchSize: 0, seed: 0 })).toThrow(/batchSize/);
  const batches = new Batches(columns, cpu, { batchSize: 2, seed: 0 });
  expect(() => batches.batch()).toThrow(/call prepare/);

  const optimizer = sgd({ x });
  const options = {
    backend: cpu,
    batches,
    loss: (batch: { x: Tensor }) => mse({ pred: mul(batch.x, x), label: batch.x }),
    optimizer,
    steps: 4,
    readEvery: 2,
  };
  const first = train({ ...options, where: 'first' });
  await expect(train({ ...options, where: 'second' })).rejects.toThrow(/second: first is training/);
  expect(await first).toBe(4);
  await expect(train({ ...options, readEvery: 0 })).rejects.toThrow(/readEvery must be at least 1/);
});

test('an input of a fused loss may be called like anything in its template', async () => {
  const odd = defineLoss({
    name: 'odd',
    inputs: ['scale', 'sum', 'first', 'lane', 'block'],
    wrt: ['scale'],
    composed: ({ scale, sum: other }) => square(mul(scale, other)),
    fused: 'let v = scale * sum; return Element(v * v, 2.0 * v * sum);',
  });
  const backend = await gpu();
  const given = Object.fromEntries(
    odd.definition.inputs.map((name, i) => [name, tensor([1 + i, 2], [2], backend)]),
  ) as Parameters<typeof odd>[0];
  expect(await odd(given).item()).toBeCloseTo(await odd.composed(given).item(), 5);
});

test('long sums of equal terms do not drift', async () => {
  const backend = await gpu();
  for (const size of [4097, 300_000]) {
    const total = await sum(full([size], 0.1, backend)).item();
    expect(Math.abs(total / (size * Math.fround(0.1)) - 1), `${size}`).toBeLessThan(5e-6);
  }
});

test('a definition that cannot work is refused when it is made', () => {
  const definition = {
    name: 'odd',
    inputs: ['pred'],
    composed: ({ pred }: { pred: Tensor }) => pred,
    fused: '',
  };
  expect(() => defineLoss({ ...definition, wrt: ['prd' as 'pred'] })).toThrow(
    /'prd' in wrt is not among the inputs/,
  );
  expect(() => defineLoss({ ...definition, fused: undefined as unknown as string })).toThrow(
    /fused is missing/,
  );
  expect(() => defineLoss({ ...definition, params: { size: 1 } } as never)).toThrow(
    /cannot be called 'size'/,
  );
});
