/** The linear model of `npm run data -- check`, against a case by hand and its own condition. */
import { expect, test } from 'vitest';
import { noise } from '../../kernels/random/random-host.ts';
import { predictLinear, ridge } from '../../tools/data/ridge.ts';

test('a straight line through points on it', () => {
  const x = { rows: 5, columns: 2, values: Float64Array.of(0, 1, 1, 1, 2, 1, 3, 1, 4, 1) };
  const y = { rows: 5, columns: 1, values: Float64Array.of(1, 3, 5, 7, 9) };
  const [weights] = ridge(x, y, [0]);
  expect(weights![0]).toBeCloseTo(2, 12);
  expect(weights![1]).toBeCloseTo(1, 12);
  for (const [i, value] of predictLinear(x, weights!).entries()) expect(value).toBeCloseTo(y.values[i]!, 12);
});

test('the gradient of what it minimises is zero, for every penalty and output', () => {
  const [rows, columns] = [31, 6];
  const x = { rows, columns, values: Float64Array.from(noise(rows * columns, 1)) };
  const y = { rows, columns: 2, values: Float64Array.from(noise(rows * 2, 2)) };
  for (const [i, weights] of ridge(x, y, [0.01, 1]).entries()) {
    const residuals = predictLinear(x, weights).map((value, k) => value - y.values[k]!);
    for (let c = 0; c < columns; c++)
      for (let k = 0; k < 2; k++) {
        let slope = rows * [0.01, 1][i]! * weights[c * 2 + k]!;
        for (let row = 0; row < rows; row++) slope += x.values[row * columns + c]! * residuals[row * 2 + k]!;
        expect(Math.abs(slope)).toBeLessThan(1e-12);
      }
  }
});

test('columns that depend on each other want a penalty', () => {
  const x = { rows: 2, columns: 2, values: Float64Array.of(0, 1, 0, 1) };
  const y = { rows: 2, columns: 1, values: Float64Array.of(1, 2) };
  expect(() => ridge(x, y, [0])).toThrow('ridge: column 0 depends on others');
});
