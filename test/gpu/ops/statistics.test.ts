/** Means and variances as float64 has them of the same float32 numbers, however long the rows and far from 0 the numbers are. */
import { describe, expect, test } from 'vitest';
import { grad } from '../../../engine/grad.ts';
import { mul } from '../../../engine/ops/pointwise/elementwise.ts';
import { sum } from '../../../engine/ops/reduce/sum.ts';
import {
  batchNormTraining,
  batchStatistics,
  groupNorm,
  instanceNorm,
  layerNorm,
} from '../../../engine/ops/reduce/normalize.ts';
import { runningStatistics } from '../../../engine/data/running-statistics.ts';
import type { Shape } from '../../../engine/shape.ts';
import { full } from '../../../engine/ops/fill.ts';
import { tensor } from '../../../engine/tensor.ts';
import { noise } from '../../../kernels/random/random-host.ts';
import { ensembleMoments } from '../../../losses/ensemble-moments.ts';
import { standardDeviation } from '../../../base/statistics.ts';
import { cpu, gpu } from '../../backends.ts';

/** (outer, channels, inner): an invocation a channel, a workgroup, pieces of workgroups, pieces of invocations. */
const shapes: Shape[] = [
  [3, 2, 1],
  [7, 3, 7],
  [1, 3, 1000],
  [5, 2, 999],
  [3, 1, 2800],
  [1100, 33, 1],
];

/** The numbers of one channel. */
function channelOf(values: ArrayLike<number>, [outer, channels, inner]: Shape, channel: number): number[] {
  return Array.from({ length: outer! * inner! }, (_, k) => {
    const row = Math.floor(k / inner!) * channels! + channel;
    return values[row * inner! + (k % inner!)]!;
  });
}

function momentsOf(values: readonly number[]) {
  const mean = values.reduce((total, x) => total + x, 0) / values.length;
  return { mean, variance: values.reduce((total, x) => total + (x - mean) ** 2, 0) / values.length };
}

const ulpOf = (x: number) => 2 ** (Math.floor(Math.log2(Math.abs(x))) - 23);

test.each(shapes.map((shape) => [shape.join(' × '), shape] as const))(
  'equal numbers have variance 0 and become 0: %s',
  async (_, shape) => {
    for (const backend of [await gpu(), cpu])
      for (const value of [0.1, -1e5 / 7, -3e15]) {
        const x = full(shape, Math.fround(value), backend);
        const { mean, variance } = batchStatistics(x);
        expect(new Set(await mean.data()), `mean of ${value}`).toEqual(new Set([Math.fround(value)]));
        expect(new Set(await variance.data()), `variance of ${value}`).toEqual(new Set([0]));
        const bias = full([shape[1]!], 0.7, backend);
        const { y } = batchNormTraining(x, { bias });
        expect(new Set(await y.data()), `batchNormTraining of ${value}`).toEqual(new Set(await bias.data()));
        for (const norm of [layerNorm, instanceNorm, (z: typeof x) => groupNorm(z, 1)])
          expect(
            (await norm(x).data()).find((got) => got !== 0),
            `${value}`,
          ).toBeUndefined();
      }
  },
);

describe.each([
  [1e5, 1],
  [100, 0.01],
  [-1449.5, 0.5],
  [0, 1],
  [3, 1000],
])('%d ± %d', (center, width) => {
  test.each(shapes.map((shape) => [shape.join(' × '), shape] as const))('%s', async (_, shape) => {
    const backend = await gpu();
    const size = shape.reduce((product, length) => product * length, 1);
    const values = noise(size, 11).map((u) => center + width * u);
    const { mean, variance } = batchStatistics(tensor(values, shape, backend));
    const [means, variances] = [await mean.data(), await variance.data()];
    for (const channel of means.keys()) {
      const right = momentsOf(channelOf(values, shape, channel));
      // Where the mean is small beside the deviation, the sums of a few distances that are rounded count.
      const last = 0.51 * ulpOf(right.mean) + width * 3e-8;
      expect(Math.abs(means[channel]! - right.mean)).toBeLessThanOrEqual(last);
      expect(Math.abs(variances[channel]! / right.variance - 1)).toBeLessThanOrEqual(6e-7);
    }
  });
});

test('one number far from the others, and numbers that differ in the last bit', async () => {
  const backend = await gpu();
  for (const n of [5, 1000, 30_000]) {
    const outlier = new Float32Array(n).fill(1);
    outlier[0] = 1e6;
    const last = Float32Array.from({ length: n }, (_, i) => 1e5 + (i % 3) * 2 ** -7);
    for (const values of [outlier, last]) {
      const { mean, variance } = batchStatistics(tensor(values, [1, 1, n], backend));
      const right = momentsOf([...values]);
      expect(Math.abs((await mean.data())[0]! / right.mean - 1)).toBeLessThan(2 ** -24);
      expect(Math.abs((await variance.data())[0]! / right.variance - 1)).toBeLessThan(1e-6);
    }
  }
});

test('the gradient of a normalisation of a thousand numbers, of order 1 and 2', async () => {
  const values = noise(1000, 3).map((u) => 50 + u);
  const weights = noise(1000, 4).map((u) => 1 + u);
  const gradients = await Promise.all(
    [await gpu(), cpu].map(async (backend) => {
      const x = tensor(values, [1, 1000], backend, { requiresGrad: true });
      const loss = sum(mul(layerNorm(x), tensor(weights, [1, 1000], backend)));
      const [first] = grad(loss, [x], { createGraph: true });
      const [second] = grad(sum(mul(first!, first!)), [x]);
      return [await first!.data(), await second!.data()];
    }),
  );
  for (const order of [0, 1]) {
    const [got, right] = gradients.map((each) => Float64Array.from(each[order]!)) as [
      Float64Array,
      Float64Array,
    ];
    const largest = Math.max(...right.map(Math.abs));
    for (const [i, g] of right.entries()) expect(Math.abs(got[i]! - g)).toBeLessThan(2e-5 * largest);
  }
});

test('infinite and missing numbers are not hidden by a variance', async () => {
  const backend = await gpu();
  for (const bad of [Infinity, -Infinity, NaN])
    for (const n of [10, 5000, 30_000]) {
      const values = new Float32Array(n).fill(2);
      values[n - 3] = bad;
      const { mean, variance } = batchStatistics(tensor(values, [1, 1, n], backend));
      expect((await mean.data())[0]).toBe(bad);
      expect((await variance.data())[0]).toBe(NaN);
    }
});

test('running statistics of batches that are all alike come to them and stay', async () => {
  for (const backend of [cpu, await gpu()]) {
    const buffers = { mean: tensor([0.3], [1], backend) };
    const values = tensor([0.3], [1], backend);
    const update = runningStatistics(buffers);
    for (let step = 0; step < 100; step++) update({ mean: { values, factor: 1 } });
    expect((await buffers.mean.data())[0]).toBe((await values.data())[0]);
  }
});

test('members, and scores, that agree do not differ at all', () => {
  for (const value of [0.1, 1 / 3, 1e5 / 7]) {
    for (const count of [3, 6, 7, 10, 49]) {
      const equal = Array<number>(count).fill(value);
      const { mean, epistemic } = ensembleMoments(equal.map((x) => [x]));
      expect([mean[0], epistemic[0]]).toEqual([Math.fround(value), 0]);
      expect(standardDeviation(equal)).toBe(0);
    }
  }
});
