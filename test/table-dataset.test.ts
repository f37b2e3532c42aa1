/** Tables as data sets: every row in one part, each seed its own split, outliers known where they were made. */
import { expect, test } from 'vitest';
import { scaleOf, type RandomSource, standardise, type Table } from '../datasets/dataset.ts';
import { splitRows, tableDataset } from '../datasets/table-dataset.ts';
import { uniformValues } from '../engine/random.ts';

const random = (seed: number): RandomSource => ({
  uniform: (count, call) => uniformValues(count, { seed, call }),
  normal: () => Promise.reject(new Error('not needed')),
});

/** Row i is i, 10 i, 7, -i. */
const rows = 50;
const table: Table = {
  columns: ['a', 'b', 'constant', 'c'],
  rows,
  values: Float64Array.from({ length: rows * 4 }, (_, k) => {
    const i = Math.floor(k / 4);
    return [i, 10 * i, 7, -i][k % 4]!;
  }),
};

test('rows are dealt once, in an order that the seed gives; the last column is the target', () => {
  const { train, test: held, outlier } = tableDataset(table, { random: random(1) });
  expect([train.rows, held.rows, train.inputs, train.outputs]).toEqual([40, 10, 3, 1]);
  expect(outlier).toBeUndefined();
  for (const part of [train, held]) {
    for (let i = 0; i < part.rows; i++) {
      const [a, b, constant] = part.x.slice(i * 3);
      expect([b, constant, part.y[i]]).toEqual([10 * a!, 7, -a!]);
    }
  }
  const all = [...train.y, ...held.y];
  expect(all.toSorted((a, b) => b - a)).toEqual(Array.from({ length: rows }, (_, i) => -i));
  expect(all).not.toEqual(all.toSorted((a, b) => b - a));
  expect(tableDataset(table, { random: random(1) }).train.y).toEqual(train.y);
  expect(tableDataset(table, { random: random(2) }).train.y).not.toEqual(train.y);
});

test('a constant column is standardised to zeros', () => {
  const { train } = tableDataset(table, { random: random(1) });
  const x = standardise(train.x, scaleOf(train.x, 3));
  expect(x.filter((_, k) => k % 3 === 2)).toEqual(new Float32Array(40));
  expect(x.every(Number.isFinite)).toBe(true);
});

test('several targets, in the order asked for', () => {
  const { train } = tableDataset(table, { random: random(1), target: ['c', 'a'] });
  expect([train.inputs, train.outputs]).toEqual([2, 2]);
  for (let i = 0; i < train.rows; i++) expect(train.y[2 * i]).toBe(-train.y[2 * i + 1]!);
});

test('outliers: on training labels alone, known, in deviations of the label', () => {
  const clean = tableDataset(table, { random: random(3) });
  const spoilt = tableDataset(table, { random: random(3), outlierShare: 0.3, outlierSize: 2 });
  expect(spoilt.test).toEqual(clean.test);
  expect(spoilt.train.x).toEqual(clean.train.x);
  const [deviation] = scaleOf(clean.train.y, 1).deviation;
  const off = Array.from(spoilt.train.y, (y, i) => Math.abs(y - clean.train.y[i]!));
  expect(off.map((distance) => distance > 0)).toEqual(Array.from(spoilt.outlier!, (bit) => bit === 1));
  expect(Math.max(...off)).toBeLessThanOrEqual(2 * deviation!);
  expect(Math.max(...off)).toBeGreaterThan(deviation!);
  expect(spoilt.outlier!.filter(Boolean).length).toBeGreaterThan(4);
});

test.each([
  [{ target: 'd' }, "no column 'd' to predict; there are a, b, constant, c"],
  [{ target: ['a', 'a'] }, "target 'a' is named twice"],
  [{ target: table.columns }, 'inputs are missing'],
  [{ testShare: 1 }, 'testShare must lie in (0, 1), got 1'],
])('%j is refused', (options, message) => {
  expect(() => tableDataset(table, { random: random(1), ...options })).toThrow(message);
});

test('both parts have a row at least', () => {
  expect(splitRows(2, 0.01)).toEqual({ trainRows: 1, testRows: 1 });
  expect(splitRows(3, 0.99)).toEqual({ trainRows: 1, testRows: 2 });
  expect(() => splitRows(1, 0.5)).toThrow('needs at least 2');
});
