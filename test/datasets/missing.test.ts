/** Missing numbers: counted, left out, or filled by what some rows say and no others. */
import { expect, test } from 'vitest';
import { readCsv } from '../../datasets/csv/csv.ts';
import { completeRows, describeGap, impute, missingCounts } from '../../datasets/missing.ts';

const table = readCsv('a,b,c\n1,,3\n2,5,NA\n4,7,9\n?,100,8\n8,6,', { missing: 'keep' });

test('counts by column', () => {
  expect(missingCounts(table)).toEqual([1, 1, 2]);
  expect(describeGap(table)).toBe("column 'a' has a missing number in row 3 (from 0)");
  expect(describeGap(readCsv('a,b\n1,2\n1,?\n1,NA', { missing: 'keep' }))).toBe(
    "column 'b' has 2 missing numbers, the first in row 1 (from 0)",
  );
  expect(describeGap(impute(table, { by: 'mean', rows: [2] }))).toBeUndefined();
});

test('rows without holes, in all columns or in some, of all rows or of some in their order', () => {
  expect([...completeRows(table)]).toEqual([2]);
  expect([...completeRows(table, { columns: ['a', 'b'] })]).toEqual([1, 2, 4]);
  expect([...completeRows(table, { columns: [-1], rows: [3, 4, 0] })]).toEqual([3, 0]);
  expect(() => completeRows(table, { columns: ['d'] })).toThrow("completeRows: there is no column 'd'");
});

test('the mean and the median are those of the rows given', () => {
  const fill = (by: 'mean' | 'median', rows: number[]) => [
    ...impute(table, { by, rows, columns: ['a', 'b'] }).values,
  ];
  const filled = (a: number, b: number) => [1, b, 3, 2, 5, NaN, 4, 7, 9, a, 100, 8, 8, 6, NaN];
  expect(fill('mean', [0, 1, 2])).toEqual(filled(7 / 3, 6));
  expect(fill('median', [0, 1, 2, 3])).toEqual(filled(2, 7));
  expect(fill('median', [1, 2])).toEqual(filled(3, 6));
  expect([...impute(table, { by: 'mean', rows: [2] }).values].filter(Number.isNaN)).toEqual([]);
});

test('the table itself stays, and its groups go along', () => {
  const before = table.values.slice();
  const groups = ['x', 'x', 'y', 'y', 'z'];
  expect(impute({ ...table, groups }, { by: 'mean', rows: [2] }).groups).toBe(groups);
  expect(table.values).toEqual(before);
});

test('a column without a number in these rows', () => {
  expect(() => impute(table, { by: 'median', rows: [1, 4] })).toThrow(
    "impute: column 'c' has no number in the 2 rows to take its median from; leave the column out",
  );
});
