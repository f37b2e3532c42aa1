/** Sums of any length and layout, against float64 sums of the same float32 numbers: off by at most 6e-7 Σ |x|. */
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../../engine/backend.ts';
import { dispatch } from '../../../engine/dispatch.ts';
import { grad } from '../../../engine/grad.ts';
import { conv2d } from '../../../engine/ops/conv2d/conv2d.ts';
import { scatterRows } from '../../../engine/ops/movement/gather.ts';
import { averagePool2d } from '../../../engine/ops/image/pool.ts';
import { l1Norm, l2Norm, logSum, logSumExp, mean, sumSquare } from '../../../engine/ops/reduce/reduce.ts';
import { sum } from '../../../engine/ops/reduce/sum.ts';
import { softmax } from '../../../engine/ops/reduce/softmax.ts';
import { type Shape, sizeOf } from '../../../engine/shape.ts';
import { type Tensor, tensor, zeros } from '../../../engine/tensor.ts';
import { squaredNorm, squaredNormFew } from '../../../kernels/training/squared-norm.ts';
import { mse } from '../../../losses/regression.ts';
import { gpu } from '../../backends.ts';
import { hardNumbers, numbersOf, SUM_ERROR } from '../../sums.ts';

/** Which output each element of a shape belongs to, if it is reduced over axes. */
function outputsOf(shape: Shape, axes: readonly number[]): Uint32Array {
  const of = new Uint32Array(sizeOf(shape));
  for (let i = 0; i < of.length; i++) {
    let [rest, stride, output] = [i, 1, 0];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (!axes.includes(axis)) {
        output += (rest % shape[axis]!) * stride;
        stride *= shape[axis]!;
      }
      rest = Math.floor(rest / shape[axis]!);
    }
    of[i] = output;
  }
  return of;
}

interface Reduction {
  run(x: Tensor, axes: readonly number[]): Tensor;
  term(x: number): number;
  /** From what came to the sum. */
  sum(y: number, terms: number): number;
}

const reductions: Record<string, Reduction> = {
  sum: { run: sum, term: (x) => x, sum: (y) => y },
  mean: { run: mean, term: (x) => x, sum: (y, terms) => y * terms },
  sumSquare: { run: sumSquare, term: (x) => x * x, sum: (y) => y },
  l1Norm: { run: l1Norm, term: Math.abs, sum: (y) => y },
  // A root halves the relative error.
  l2Norm: { run: l2Norm, term: (x) => x * x, sum: (y) => y * y },
};

/** The worst error of all outputs, in sums of magnitudes. */
async function worstOf(
  { run, term, sum: toSum }: Reduction,
  values: Float32Array,
  [shape, axes]: readonly [Shape, readonly number[]],
  backend: Backend,
): Promise<number> {
  const x = tensor(values, shape, backend);
  const y = run(x, axes);
  const got = await y.data();
  const of = outputsOf(shape, axes);
  const [right, magnitude] = [new Float64Array(got.length), new Float64Array(got.length)];
  for (const [i, value] of values.entries()) {
    right[of[i]!]! += term(value);
    magnitude[of[i]!]! += Math.abs(term(value));
  }
  x.dispose();
  y.dispose();
  const terms = values.length / got.length;
  return right.reduce(
    (worst, value, i) => Math.max(worst, Math.abs(toSum(got[i]!, terms) - value) / magnitude[i]!),
    0,
  );
}

const layouts: Record<string, (n: number) => readonly [Shape, readonly number[]]> = {
  'one row': (n) => [[n], [0]],
  rows: (n) => [[3, n], [1]],
  columns: (n) => [[n, 5], [0]],
  'many columns': (n) => [[n, 40], [0]],
  'two axes': (n) => [
    [Math.ceil(n / 7), 3, 7],
    [0, 2],
  ],
  'three axes': (n) => [
    [2, Math.ceil(n / 10), 3, 5, 2, 2],
    [1, 3, 5],
  ],
};

const lengths = [2, 100, 1024, 2049, 70_001];

describe.each(Object.entries(reductions))('%s', (name, reduction) => {
  test.each(Object.entries(layouts))('%s', async (_, layout) => {
    const backend = await gpu();
    let worst = 0;
    for (const [seed, kind] of Object.keys(hardNumbers).entries())
      for (const n of lengths) {
        if (n > 10_000 && kind !== 'a tenth' && kind !== 'far from 0' && name !== 'sum') continue;
        const [shape, axes] = layout(n);
        if (sizeOf(shape) > 400_000) continue;
        const error = await worstOf(reduction, numbersOf(kind, sizeOf(shape), seed), [shape, axes], backend);
        expect(error, `${n} numbers: ${kind}`).toBeLessThanOrEqual(SUM_ERROR);
        worst = Math.max(worst, error);
      }
    console.log(`sums: ${name} of ${_}: worst ${worst.toExponential(2)} Σ|x|`);
  });
});

function checkSum(what: string, got: number, terms: Iterable<number>): void {
  let [right, magnitude] = [0, 0];
  for (const term of terms) {
    right += term;
    magnitude += Math.abs(term);
  }
  expect(Math.abs(got - right), what).toBeLessThanOrEqual(SUM_ERROR * magnitude);
}

const kinds = Object.keys(hardNumbers);

test('losses, whole and split, by every way of adding', async () => {
  const backend = await gpu();
  for (const kind of kinds)
    for (const size of [3, 128, 1000, 4096, 9001, 40_000]) {
      const [pred, label] = [numbersOf(kind, size, 1), new Float32Array(size)];
      const value = await mse({
        pred: tensor(pred, [size], backend),
        label: tensor(label, [size], backend),
      }).data();
      checkSum(
        `${size}: ${kind}`,
        value[0]! * size,
        Float64Array.from(pred, (x) => x * x),
      );
    }
});

test('norms of gradients by few lanes and many, with the same bits', async () => {
  const backend = await gpu();
  for (const kind of kinds)
    for (const size of [64, 320, 100_032]) {
      const x = tensor(numbersOf(kind, 2 * size, 5), [2, size], backend);
      const [few, many] = [squaredNormFew, squaredNorm].map((kernel) =>
        dispatch(kernel, {
          inputs: { x },
          uniforms: { size },
          outputs: { y: [2] },
          workgroups: [1, 1, 2],
        }).y.data(),
      );
      const values = numbersOf(kind, 2 * size, 5);
      expect(await few).toEqual(await many);
      for (const row of [0, 1])
        checkSum(
          `${size}: ${kind}`,
          (await few!)[row]!,
          Float64Array.from(values.subarray(row * size, (row + 1) * size), (v) => v * v),
        );
    }
});

test('scattered rows, overlapping windows, bias gradients of convolutions', async () => {
  const backend = await gpu();
  for (const kind of kinds) {
    const values = numbersOf(kind, 3000, 7);
    const x = tensor(values, [3000, 1], backend);
    const index = tensor(new Uint32Array(3000), [3000], backend, { dtype: 'u32' });
    checkSum(`scatter: ${kind}`, (await scatterRows(x, index, 2).data())[0]!, values);

    const image = tensor(values, [1, 1, 50, 60], backend);
    const [all] = await averagePool2d(image, { size: [50, 59], stride: 1 }).data();
    const window = values.filter((_, i) => i % 60 < 59);
    checkSum(`average: ${kind}`, all! * window.length, window);

    const bias = tensor([0], [1], backend, { requiresGrad: true });
    const y = conv2d(zeros([30, 1, 10, 10], backend), zeros([1, 1, 1, 1], backend), bias);
    const [g] = grad(y, [bias], { seed: tensor(values, [30, 1, 10, 10], backend) });
    checkSum(`bias: ${kind}`, (await g!.data())[0]!, values);
  }
});

test('softmax, log Σ and log Σ exp of long rows', async () => {
  const backend = await gpu();
  for (const n of [1000, 1024, 5000, 100_000]) {
    const equal = tensor(new Float32Array(n).fill(0.3), [n], backend);
    expect(Math.abs((await softmax(equal).data())[n - 1]! * n - 1)).toBeLessThan(4e-7);
    expect(Math.abs((await logSumExp(equal).data())[0]! - Math.log(n) - Math.fround(0.3))).toBeLessThan(2e-6);
    expect(Math.abs((await logSum(equal).data())[0]! - Math.log(n * Math.fround(0.3)))).toBeLessThan(2e-6);
  }
});

test('infinity, NaN, and sums at the end of the range', async () => {
  const backend = await gpu();
  const { POSITIVE_INFINITY: infinite, NaN: missing } = Number;
  const largest = (2 - 2 ** -23) * 2 ** 127;
  const rows: [number[], number][] = [
    [[infinite, 1], infinite],
    [[1, infinite, 1, 1], infinite],
    [[-infinite, 1e30, -1], -infinite],
    [[infinite, -infinite, 1], missing],
    [[missing, 1], missing],
    [[largest, -largest, 3], 3],
    [[-largest, largest / 2, largest / 2], 0],
    [[largest, 1], largest],
    [[largest, largest], infinite],
  ];
  for (const [row, right] of rows)
    for (const n of [row.length, 600, 3000, 20_000]) {
      const values = new Float32Array(n);
      values.set(row);
      expect((await sum(tensor(values, [n], backend)).data())[0], `${row} of ${n}`).toBe(right);
      const columns = tensor(
        Float32Array.from({ length: n * 40 }, (_, i) => values[Math.floor(i / 40)]!),
        [n, 40],
        backend,
      );
      expect((await sum(columns, 0).data())[39], `${row} of ${n} in columns`).toBe(right);
    }
});
