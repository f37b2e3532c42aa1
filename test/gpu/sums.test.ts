/** Sums of any length and layout, against float64 sums of the same float32 numbers: off by at most 6e-7 Σ |x|. */
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../engine/backend.ts';
import { l1Norm, l2Norm, mean, sum, sumSquare } from '../../engine/ops/reduce.ts';
import { type Shape, sizeOf } from '../../engine/shape.ts';
import { type Tensor, tensor } from '../../engine/tensor.ts';
import { gpu } from '../backends.ts';
import { hardNumbers, numbersOf, SUM_ERROR } from '../sums.ts';

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

const lengths = [2, 3, 9, 100, 1000, 1024, 1025, 2049, 8193, 70_001];

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
