/** Kernels that loop over what is left: more elements than a software adapter gets invocations, GPU against CPU. */
import { expect, test } from 'vitest';
import { Batches } from '../../../engine/data/batches.ts';
import { dispatch } from '../../../engine/dispatch.ts';
import { add, mul } from '../../../engine/ops/pointwise/elementwise.ts';
import { gatherRows } from '../../../engine/ops/movement/gather.ts';
import { transpose } from '../../../engine/ops/movement/movement.ts';
import { adam } from '../../../engine/optim/optim.ts';
import { uniformValues } from '../../../engine/random.ts';
import { type Tensor, tensor, zeros } from '../../../engine/tensor.ts';
import { flatKernel } from '../../../kernels/pointwise/elementwise.ts';
import { pointFunctions } from '../../../kernels/pointwise/functions.ts';
import { storeMetric } from '../../../kernels/training/batch.ts';
import type { Backend } from '../../../engine/backend.ts';
import { cpu, gpu } from '../../backends.ts';
import { noise } from '../../check.ts';

/** Beyond 8 workgroups of 64 invocations with four elements each, and no multiple of them. */
const [ROWS, COLUMNS] = [301, 61];

const works: [string, (backend: Backend, x: Tensor) => Tensor][] = [
  ['element by element', (_, x) => mul(x, add(x, 1))],
  ['broadcast', (backend, x) => add(x, tensor(noise(COLUMNS, 1), [COLUMNS], backend))],
  ['transposed', (_, x) => transpose(x)],
  [
    'rows by index',
    (backend, x) => {
      const index = Uint32Array.from({ length: 2 * ROWS }, (_, i) => (i * 7) % ROWS);
      return gatherRows(x, tensor(index, [2 * ROWS], backend, { dtype: 'u32' }));
    },
  ],
  ['one value', (backend) => zeros([ROWS, COLUMNS], backend)],
  [
    'a batch',
    (backend) => {
      const values = uniformValues(ROWS * COLUMNS);
      const batches = new Batches({ x: { values, width: COLUMNS } }, backend, { batchSize: 200, seed: 3 });
      batches.prepare(1);
      backend.step.begin();
      const { x } = batches.batch();
      batches.dispose();
      return x;
    },
  ],
  [
    'an update',
    (_, x) => {
      const weight = mul(x, 1);
      weight.requiresGrad = true;
      const optimizer = adam({ weight }, { learningRate: 0.1 });
      optimizer.step([x]);
      return mul(weight, 1);
    },
  ],
];

test.each(works)('%s', async (_, work) => {
  const values = noise(ROWS * COLUMNS, 2);
  const [expected, actual] = await Promise.all(
    [cpu, await gpu()].map((backend) => work(backend, tensor(values, [ROWS, COLUMNS], backend)).data()),
  );
  expect(actual!.length).toBeGreaterThan(8 * 64 * 4);
  const error = Array.from(actual!, (value, i) => Math.abs(value - expected![i]!)).reduce((a, b) =>
    Math.max(a, b),
  );
  expect(error).toBeLessThan(1e-6);
});

test.each([
  [1000, [300, 1, 1]],
  [513, [8, 1, 1]],
  [1, [8, 1, 1]],
  [300_000, [65_535, 2, 1]],
] as const)('%i elements over %o workgroups, each element once', async (size, workgroups) => {
  const backend = await gpu();
  const x = tensor(noise(size, 1), [size], backend);
  const kernel = flatKernel(pointFunctions.mul, ['full', 'scalar']);
  const inputs = { a: x, b: tensor([2], [1], backend) };
  const { y } = dispatch(kernel, { inputs, uniforms: { size }, outputs: { y: [size] }, workgroups });
  expect(await y!.data()).toEqual((await x.data()).map((value) => 2 * value));
});

test('a kernel says whether it loops', () => {
  expect(flatKernel(pointFunctions.add, ['full', 'full']).loops).toBe(true);
  expect(storeMetric.loops).toBe(false);
});
