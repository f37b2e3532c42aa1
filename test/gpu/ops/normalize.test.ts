/** Normalisations, softmax and reductions: against PyTorch, what they cost, bad arguments, and corners. */
import { describe, expect, test } from 'vitest';
import type { Backend, Values } from '../../../engine/backend.ts';
import { compareValues } from '../../../engine/check/difference.ts';
import { grad } from '../../../engine/grad.ts';
import { add, mul, square } from '../../../engine/ops/pointwise/elementwise.ts';
import {
  batchNorm,
  batchNormTraining,
  batchStatistics,
  groupNorm,
  instanceNorm,
  l2Normalize,
  layerNorm,
} from '../../../engine/ops/reduce/normalize.ts';
import { l2Norm, logSum, logSumExp, max, mean, prod } from '../../../engine/ops/reduce/reduce.ts';
import { sum } from '../../../engine/ops/reduce/sum.ts';
import { logSoftmax, softmax } from '../../../engine/ops/reduce/softmax.ts';
import { type Shape, ShapeError, sizeOf } from '../../../engine/shape.ts';
import { type Tensor, tensor, zeros } from '../../../engine/tensor.ts';
import { noise } from '../../../kernels/random/random-host.ts';
import { cpu, gpu } from '../../backends.ts';
import fixture from '../../fixtures/normalize.json' with { type: 'json' };
import { wave } from '../../fixtures/wave.ts';

interface FixtureCase {
  op: string;
  shapes: number[][];
  options: { eps: number; axis: number; axes: number[]; groups: number; zeros?: number[] };
  shape: number[];
  y: number[];
  gradients: number[][];
}

// JSON widens what the interface narrows.
const cases = fixture.cases as unknown as FixtureCase[];

function agreeing(what: string, got: Values, wanted: readonly number[], tolerance: number): void {
  compareValues(what, got, Float64Array.from(wanted), tolerance);
}

type Run = (inputs: Tensor[], options: FixtureCase['options']) => Tensor;

const ops: Record<string, Run> = {
  batchNorm: ([x, scale, bias, average, root], { eps }) =>
    batchNorm(x!, { scale, bias, mean: average!, variance: add(square(root!), 0.2), eps }),
  batchNormTraining: ([x, scale, bias], { eps }) => batchNormTraining(x!, { scale, bias, eps }).y,
  layerNorm: ([x, scale, bias], { axes, eps }) => layerNorm(x!, { scale, bias, axes, eps }),
  groupNorm: ([x, scale, bias], { groups, eps }) => groupNorm(x!, groups, { scale, bias, eps }),
  instanceNorm: ([x, scale, bias], { eps }) => instanceNorm(x!, { scale, bias, eps }),
  l2Normalize: ([x], { axis }) => l2Normalize(x!, { axis }),
  softmax: ([x], { axis }) => softmax(x!, axis),
  logSoftmax: ([x], { axis }) => logSoftmax(x!, axis),
  logSumExp: ([x], { axes }) => logSumExp(x!, axes),
  l2Norm: ([x], { axes }) => l2Norm(x!, axes),
  prod: ([x], { axis }) => prod(x!, axis),
};

describe.each(cases.map((given, i) => ({ ...given, name: `${i} ${given.op} ${given.shapes[0]!.join()}` })))(
  'PyTorch: $name',
  ({ op, shapes, options, shape, y: wanted, gradients }) => {
    async function agree(backend: Backend, tolerance: number) {
      const inputs = shapes.map((given, k) => {
        const values = wave(given, k);
        if (k === 0) for (const i of options.zeros ?? []) values[i] = 0;
        return tensor(values, given, backend, { requiresGrad: true });
      });
      const y = ops[op]!(inputs, options);
      expect(y.shape).toEqual(shape);
      agreeing('value', await y.data(), wanted, tolerance);
      const loss = sum(mul(y, tensor(wave(y.shape, 9), y.shape, backend)));
      for (const createGraph of [false, true]) {
        const got = grad(loss, inputs.slice(0, gradients.length), { createGraph });
        for (const [k, values] of gradients.entries())
          agreeing(`gradient by input ${k}`, await got[k]!.data(), values, tolerance);
      }
    }
    test('CPU', () => agree(cpu, 1e-9));
    test('GPU', async () => agree(await gpu(), 1e-5));
  },
);

test('batch normalisation in training: six dispatches forward and back for a typical shape', async () => {
  const backend = await gpu();
  const x = tensor(noise(10 * 4 * 900, 1), [10, 4, 30, 30], backend, { requiresGrad: true });
  const scale = tensor([1, 2, 3, 4], [4], backend, { requiresGrad: true });
  const bias = tensor([1, 2, 3, 4], [4], backend, { requiresGrad: true });
  const seed = tensor(noise(10 * 4 * 900, 2), x.shape, backend);
  const count = (f: () => unknown) => {
    const before = backend.stats().dispatches;
    f();
    return backend.stats().dispatches - before;
  };
  expect(count(() => batchStatistics(x))).toBe(2);
  expect(count(() => sum(x, [0, 2, 3]))).toBe(2);
  let y = x;
  expect(count(() => (y = batchNormTraining(x, { scale, bias }).y))).toBe(3);
  expect(count(() => grad(y, [x, scale, bias], { seed }))).toBe(3);
  expect(count(() => softmax(x))).toBe(1);
  expect(count(() => l2Norm(x, 3))).toBe(1);
});

test('a variance does not lose its digits to a large mean', async () => {
  const values = Float32Array.from({ length: 9000 }, (_, i) => 4096 + (i % 4)); // variance 1.25
  for (const shape of [
    [1, 1, 1000],
    [3, 1, 3000],
  ] as Shape[]) {
    const x = tensor(values.subarray(0, sizeOf(shape)), shape, await gpu());
    const { mean: average, variance } = batchStatistics(x);
    agreeing('mean', await average.data(), [4097.5], 1e-6);
    agreeing('variance', await variance.data(), [1.25], 1e-6);
  }
});

test('corners of reductions', async () => {
  for (const backend of [cpu, await gpu()]) {
    const nothing = zeros([2, 0], backend);
    expect([...(await sum(nothing, 1).data())]).toEqual([0, 0]);
    expect([...(await prod(nothing, 1).data())]).toEqual([1, 1]);
    expect([...(await logSum(nothing, 1).data())]).toEqual([-Infinity, -Infinity]);
    const zero = tensor([0, 0, 3, 4], [2, 2], backend, { requiresGrad: true });
    const length = l2Norm(zero, 1);
    expect([...(await length.data())]).toEqual([0, 5]);
    const [g] = grad(sum(length), [zero]);
    agreeing('gradient', await g!.data(), [0, 0, 0.6, 0.8], 1e-6);
    const large = tensor([1000, 1001, -2000, -2001], [2, 2], backend);
    const log1pE = Math.log1p(Math.exp(-1));
    agreeing('logSumExp', await logSumExp(large, 1).data(), [1001 + log1pE, -2000 + log1pE], 1e-6);
  }
});

const x = zeros([2, 6, 3], cpu);
const v6 = zeros([6], cpu);
const v4 = zeros([4], cpu);
const none = zeros([0, 6, 3], cpu);
const misfits: [string, () => unknown, string][] = [
  [
    'scale',
    () => batchNormTraining(x, { scale: v4 }),
    'batchNormTraining: scale [4] for x [2, 6, 3]; wants [6]',
  ],
  ['mean', () => batchNorm(x, { mean: v4, variance: v6 }), 'batchNorm: mean [4] for x [2, 6, 3]; wants [6]'],
  ['axis', () => batchStatistics(x, { axis: 3 }), 'batchStatistics: axis 3 is out of range for rank 3'],
  ['empty batch', () => batchNormTraining(none), 'batchNormTraining: no elements to average in x [0, 6, 3]'],
  ['bias of the axes', () => layerNorm(x, { bias: v6 }), 'layerNorm: bias [6] for x [2, 6, 3]; wants [3]'],
  ['axis twice', () => layerNorm(x, { axes: [1, -2] }), 'layerNorm: axis 1 is named twice'],
  ['no row', () => layerNorm(zeros([2, 0], cpu)), 'layerNorm: no elements to normalise in x [2, 0]'],
  ['groups', () => groupNorm(x, 4), 'groupNorm: 4 groups do not divide 6 channels of x [2, 6, 3]'],
  ['no channels', () => instanceNorm(v4), 'instanceNorm: wants x (n, channels, …), got [4]'],
  ['softmax axis', () => softmax(x, 3), 'softmax: axis 3 is out of range for rank 3'],
  ['reduction axis', () => prod(x, [0, -4]), 'prod: axis 0, -4 is out of range for rank 3'],
  ['logSumExp', () => logSumExp(none, 0), 'logSumExp: no elements along axes 0 of [0, 6, 3]'],
  ['max', () => max(none, [0, 2]), 'max: no elements along axes 0, 2 of [0, 6, 3]'],
  ['mean of nothing', () => mean(none), 'mean: no elements along axes 0, 1, 2 of [0, 6, 3]'],
];

test.each(misfits)('bad arguments: %s', (_, f, message) => {
  expect(f).toThrow(ShapeError);
  expect(f).toThrow(message);
});
