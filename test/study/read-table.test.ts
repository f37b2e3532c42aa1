/** Tables as `distill` reads them: CSV, Parquet and UCI folders, splits from files, and what is wrong with them in a line. */
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readTable, type TableOptions } from '../../study/read/read-table.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'limbeck-tables-'));
  mkdirSync(join(root, 'uci'));
  const files = {
    'a.csv': 'who,x,y\nann,1,2\nbob,?,3\nann,5,6\n',
    'train.txt': '0\n2\n',
    'test.txt': '1\n',
    'both.txt': '1\n2\n',
    'far.txt': '3\n',
    'uci/data.txt': '1 2 3\n4 5 6\n7 8 9\n',
    'uci/index_features.txt': '0\n2\n',
    'uci/index_target.txt': '1\n',
    'uci/index_train_0.txt': '2\n0\n',
    'uci/index_test_0.txt': '1\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const none: TableOptions = {
  columns: undefined,
  header: undefined,
  group: undefined,
  split: [],
  keepsMissing: false,
};
const read = (name: string, options: Partial<TableOptions> = {}) =>
  readTable(join(root, name), { ...none, ...options });
const files = (...names: string[]) => names.map((name) => join(root, name));

test('a CSV file, with groups and missing numbers', async () => {
  const file = await read('a.csv', { group: 'who', keepsMissing: true });
  expect(file.table).toMatchObject({ columns: ['x', 'y'], rows: 3, groups: ['ann', 'bob', 'ann'] });
  expect([...file.table.values]).toEqual([1, 2, NaN, 3, 5, 6]);
  expect(file).toMatchObject({ splits: [], targets: [], record: { rows: 3, delimiter: ',', header: true } });
  expect(file.description).toMatch(/a\.csv: 3 rows, 2 columns \(commas between cells, a header\)$/);
  await expect(read('a.csv', { columns: ['x', 'y'] })).rejects.toMatchObject({
    name: 'UserError',
    message: expect.stringMatching(/a\.csv.*line 3.*\?/s),
  });
});

test('a folder in the layout of the UCI benchmark', async () => {
  const { table, targets, splits, description } = await read('uci');
  expect(table.columns).toEqual(['column1', 'column3', 'column2']);
  expect(targets).toEqual(['column2']);
  expect(splits.map(({ train, test: held }) => [[...train], [...held]])).toEqual([[[2, 0], [1]]]);
  expect(description).toContain('uci: 3 rows, 3 columns, 1 published split');
  await expect(read('uci', { group: 'a' })).rejects.toThrow('--columns, --exclude and --group are for files');
  writeFileSync(join(root, 'uci/index_test_0.txt'), '9\n');
  await expect(read('uci')).rejects.toThrow(
    /uci: index_test_0\.txt: line 1: there is no row 9; data\.txt has 3/,
  );
});

test('splits from files of row numbers', async () => {
  const options = { columns: ['y'] };
  const split = files('train.txt', 'test.txt');
  const { splits } = await read('a.csv', { ...options, split: [...split, ...split.toReversed()] });
  expect(splits.map(({ train }) => [...train])).toEqual([[0, 2], [1]]);
  await expect(read('a.csv', { ...options, split: files('train.txt') })).rejects.toThrow('files in pairs');
  const both = read('a.csv', { ...options, split: files('train.txt', 'both.txt') });
  await expect(both).rejects.toThrow(/both\.txt: line 2: row 2 is in .*train\.txt too, line 2/);
  const far = read('a.csv', { ...options, split: files('far.txt', 'test.txt') });
  await expect(far).rejects.toThrow(/far\.txt: line 1: there is no row 3; .*a\.csv has 3/);
});

test('Parquet, and what is no table', async () => {
  writeFileSync(join(root, 'b.parquet'), 'PAR1');
  await expect(read('b.parquet')).rejects.toMatchObject({
    name: 'UserError',
    message: expect.stringContaining('b.parquet'),
  });
  await expect(read('missing.csv')).rejects.toThrow(/cannot read .*missing\.csv: no such file/);
  writeFileSync(join(root, 'c.csv'), Uint8Array.of(0x61, 0xff, 0x0a));
  await expect(read('c.csv')).rejects.toThrow('c.csv is not UTF-8 text');
});
