/** NaN and infinities through products with a fused activation: each number that they reach, and no other. */
import { expect, test } from 'vitest';
import { conv2d } from '../../../engine/ops/conv2d/conv2d.ts';
import { linear } from '../../../engine/ops/matmul/matmul.ts';
import { type Input, spread, withSpecial } from '../../../engine/check/samples.ts';
import { tensor } from '../../../engine/tensor.ts';
import { mlp } from '../../../models/mlp.ts';
import { cpu, gpu } from '../../backends.ts';
import { checkBackends } from '../../check.ts';

const inf = Infinity;
const activations = ['relu', 'tanh', 'sigmoid'] as const;

// Rows, inner size and columns: below a tile and beyond, odd and even.
const sizes: [number, number, number][] = [
  [1, 2, 4],
  [5, 7, 3],
  [33, 65, 34],
  [64, 64, 64],
];

test.each(sizes)('linear of %i × %i and %i columns', async (m, k, n) => {
  // A row of x with NaN, one with infinity, and a column of weights with infinity at the end of the sums.
  const x = withSpecial(withSpecial(spread([m, k], 0), NaN, [m * k - 1]), inf, m > 1 ? [0] : []);
  const inputs: Input[] = [x, withSpecial(spread([k, n], 1), -inf, [k * n - 1]), spread([n], 2)];
  for (const activation of activations)
    await checkBackends((a, b, c) => linear(a!, b!, c, activation), inputs, {
      order: 1,
      isSpecial: true,
      tolerance: 1e-3, // up to 65 terms that cancel
    });
});

test('conv2d', async () => {
  for (const [c, size] of [
    [1, 5],
    [3, 12],
  ] as const) {
    const x = withSpecial(withSpecial(spread([2, c, size, size], 0), NaN), -inf, [c * size * size + 40]);
    for (const activation of activations)
      await checkBackends(
        (a, w, b) => conv2d(a!, w!, b, { activation, padding: 1 }),
        [x, spread([4, c, 3, 3], 1), spread([4], 2)],
        { order: 1, isSpecial: true, tolerance: 1e-3 },
      );
  }
});

test('a relu network says NaN of a row with NaN, and a number of the next', async () => {
  for (const backend of [cpu, await gpu()]) {
    const network = mlp({ backend, inputs: 2, widths: [4, 4], activation: 'relu', seed: 1 });
    const y = await network.forward(tensor([NaN, 1, 0.5, 1], [2, 2], backend)).data();
    expect([...y].map(Number.isNaN)).toEqual([true, false]);
  }
});
