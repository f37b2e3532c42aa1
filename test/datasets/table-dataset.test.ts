/** Tables as data sets: every row in one part, each seed its own split, outliers known where they were made. */
import { describe, expect, test } from 'vitest';
import { scaleOf, type RandomSource, standardise, type Table } from '../../datasets/dataset.ts';
import { tableDataset } from '../../datasets/table-dataset.ts';
import { uniformValues } from '../../engine/random.ts';

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
  [{ target: 'd' }, "target: there is no column 'd'; there are 'a', 'b', 'constant', 'c'"],
  [{ target: 'constnat' }, "no column 'constnat', did you mean 'constant'?"],
  [{ target: 4 }, 'no column 4; columns are numbered from 0 to 3'],
  [{ target: ['a', 0] }, "target: column 'a' is chosen twice"],
  [{ target: 'constant' }, "target 'constant' is 7 in all 50 rows; there is nothing to learn"],
  [{ split: { train: Uint32Array.of(3), test: Uint32Array.of(50) } }, 'row 50 is in the split'],
  [{ target: ['a', 'b', 'c', 'constant'] }, 'inputs are missing'],
  [{ testShare: 1 }, 'testShare must lie in (0, 1), got 1'],
])('%j is refused', (options, message) => {
  expect(() => tableDataset(table, { random: random(1), ...options })).toThrow(message);
});

test('targets by number, from the end too', () => {
  const read = (target: number | string) => tableDataset(table, { random: random(1), target });
  expect(read(0)).toEqual(read('a'));
  expect(read(-1)).toEqual(read('c'));
  expect(read('-4')).toEqual(read('a'));
});

test('a split from outside is kept in its order', () => {
  const split = { train: Uint32Array.of(7, 3, 5), test: Uint32Array.of(40, 2) };
  const { train, test: held } = tableDataset(table, { random: random(1), split });
  expect([...train.y, ...held.y]).toEqual([-7, -3, -5, -40, -2]);
});

test('a table with groups is split by them', () => {
  const groups = Array.from({ length: rows }, (_, i) => `person ${i % 7}`);
  for (const seed of [1, 2, 3]) {
    const { train, test: held } = tableDataset({ ...table, groups }, { random: random(seed) });
    const peopleOf = ({ y }: { y: ArrayLike<number> }) => new Set(Array.from(y, (value) => -value % 7));
    expect([...peopleOf(train), ...peopleOf(held)].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  }
});

describe('missing numbers', () => {
  /** Input a is missing in rows 0 and 5, and the label in rows 1 and 5. */
  const values = table.values.slice();
  for (const i of [0, 5 * 4, 1 * 4 + 3, 5 * 4 + 3]) values[i] = NaN;
  const holes: Table = { ...table, values };
  const split = { train: Uint32Array.of(0, 1, 2, 3, 4), test: Uint32Array.of(5, 6, 7, 20) };
  const read = (missing?: 'drop' | 'mean' | 'median', train = split.train) =>
    tableDataset(holes, { random: random(1), missing, split: { ...split, train } });

  test('are an error without a rule', () => {
    expect(() => read()).toThrow(
      "tableDataset: column 'a' has 2 missing numbers, the first in row 0 (from 0); say what to do about it: drop, mean or median",
    );
  });

  test('rows are left out', () => {
    const { train, test: held } = read('drop');
    expect([...train.y, ...held.y]).toEqual([-2, -3, -4, -6, -7, -20]);
  });

  test('inputs are filled from the training rows that have a label; rows without a label are left out', () => {
    const { train, test: held } = read('mean', Uint32Array.of(1, 2, 4, 9));
    expect([...train.y, ...held.y]).toEqual([-2, -4, -9, -6, -7, -20]);
    expect(read('mean').train.x[0]).toBe(3);
    expect(read('median', Uint32Array.of(0, 2, 3, 30, 31)).train.x[0]).toBe(16.5);
    const other = { ...holes, values: values.map((value, k) => (k >= 20 * 4 ? 1000 + value : value)) };
    const { train: same } = tableDataset(other, { random: random(1), missing: 'mean', split });
    expect(same).toEqual(read('mean').train);
  });

  test('are left out before the rows are dealt, so every seed has parts of the same sizes', () => {
    for (const seed of [1, 2, 3]) {
      const dataset = tableDataset(holes, { random: random(seed), missing: 'drop', testShare: 0.25 });
      expect([dataset.train.rows, dataset.test.rows]).toEqual([35, 12]);
      expect(dataset.train.x.every(Number.isFinite)).toBe(true);
    }
  });

  test('parts that are empty or constant', () => {
    expect(() => read('drop', Uint32Array.of(0, 1))).toThrow('the training part of the split has no row');
    const flat = { ...holes, values: values.map((value, k) => (k % 4 === 3 && k < 20 ? 1.5 : value)) };
    const fit = () => tableDataset(flat, { random: random(1), missing: 'mean', split });
    expect(fit).toThrow("target 'c' is 1.5 in all 5 training rows");
    const none = { ...holes, values: values.map((value, k) => (k % 4 === 3 ? NaN : value)) };
    expect(() => tableDataset(none, { random: random(1), missing: 'drop' })).toThrow(
      "target 'c' is missing in all rows",
    );
  });
});
