/** The layout of the UCI benchmark: published splits as they are, and every slip in an index with file and line. */
import { expect, test } from 'vitest';
import { CsvError } from '../../datasets/csv/csv-error.ts';
import { DatasetError } from '../../datasets/dataset-error.ts';
import { readSplit } from '../../datasets/index-file.ts';
import { tableDataset } from '../../datasets/table-dataset.ts';
import { isUciFolder, readUciFolder } from '../../datasets/uci-folder.ts';
import { memoryFolder } from '../memory-folder.ts';

/** Columns: a weight that no index names, two features, a target. */
const files = {
  'data.txt': ' 9.0   1 \t10  -1 \n 9.1   2 \t20  -2 \n 9.2   3 \t30  -3 \n 9.3   4 \t40  -4 \n \n\n',
  'index_features.txt': '1\n2\n',
  'index_target.txt': '3\n',
  'index_train_0.txt': '2\n0\n1\n',
  'index_test_0.txt': '3\n',
  'index_train_1.txt': '3.000000000000000000e+00\r\n1.000000000000000000e+00\r\n',
  'index_test_1.txt': '0 2',
};
const withFiles = (changes: Record<string, string | Uint8Array>) =>
  readUciFolder(memoryFolder({ ...files, ...changes }));

test('features, then target; splits in the order of their files', async () => {
  const { table, inputs, targets, splits } = await readUciFolder(memoryFolder(files));
  expect([inputs, targets]).toEqual([['column2', 'column3'], ['column4']]);
  expect(table).toMatchObject({ columns: ['column2', 'column3', 'column4'], rows: 4 });
  expect([...table.values]).toEqual([1, 10, -1, 2, 20, -2, 3, 30, -3, 4, 40, -4]);
  expect(splits).toEqual([
    { train: Uint32Array.of(2, 0, 1), test: Uint32Array.of(3) },
    { train: Uint32Array.of(3, 1), test: Uint32Array.of(0, 2) },
  ]);
  const random = { uniform: () => new Float32Array(), normal: () => Promise.resolve([]) };
  const { train, test: held } = tableDataset(table, { random, target: targets, split: splits[0] });
  expect([...train.x, ...train.y]).toEqual([3, 30, 1, 10, 2, 20, -3, -1, -2]);
  expect([...held.x, ...held.y]).toEqual([4, 40, -4]);
});

test('many splits, numbered beyond 9; several targets; missing numbers kept', async () => {
  const many = Object.fromEntries(
    Array.from({ length: 12 }, (_, k) => [
      [`index_train_${k}.txt`, `${k % 4}`],
      [`index_test_${k}.txt`, `${(k + 1) % 4}`],
    ]).flat(),
  ) as Record<string, string>;
  const { splits } = await withFiles(many);
  expect(splits.map(({ train }) => train[0])).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]);
  const two = await withFiles({ 'index_target.txt': '0 3', 'index_features.txt': '2' });
  expect([two.inputs, two.targets]).toEqual([['column3'], ['column1', 'column4']]);
  const holes = { ...files, 'data.txt': '1 2 ? 4\n5 6 7 8\n1 1 1 1\n2 2 2 2' };
  expect((await readUciFolder(memoryFolder(holes), { missing: 'keep' })).table.values[1]).toBeNaN();
});

test('without splits there are none; the layout is known by its files', async () => {
  const { 'data.txt': data, 'index_features.txt': features, 'index_target.txt': target } = files;
  const bare = { 'data.txt': data, 'index_features.txt': features, 'index_target.txt': target };
  expect((await readUciFolder(memoryFolder(bare))).splits).toEqual([]);
  expect(isUciFolder(Object.keys(files))).toBe(true);
  expect(isUciFolder(['data.txt'])).toBe(false);
});

test.each([
  ['index_train_0.txt', '0\n1\n4\n', 'line 3: there is no row 4; data.txt has 4, numbered from 0 to 3'],
  ['index_test_0.txt', '-1', 'line 1: there is no row -1;'],
  ['index_train_0.txt', '0\n\n1\n0', 'line 4: row 0 is in line 1 already; a row is named once'],
  ['index_test_0.txt', '3\n1', 'line 2: row 1 is in index_train_0.txt too, line 3; keep it in one'],
  ['index_train_1.txt', '1.5', "line 1: wants the number of a row, got '1.5'"],
  ['index_train_1.txt', '1,2', "line 1: wants the number of a row, got '1,2'"],
  ['index_test_1.txt', ' \n', 'is empty; it names at least one row'],
  ['index_features.txt', '1\n4', 'line 2: there is no column 4; data.txt has 4, numbered from 0 to 3'],
  ['index_target.txt', '2', 'line 1: column 2 is in index_features.txt too, line 2; keep it in one'],
  ['index_target.txt', new Uint8Array([0xff, 0x31]), 'is not UTF-8 text'],
])('%s with %j: %s', async (file, content, problem) => {
  const error = await withFiles({ [file]: content }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(DatasetError);
  expect((error as DatasetError).where).toBe(file);
  expect((error as DatasetError).problem.startsWith(problem), (error as Error).message).toBe(true);
});

test('a split from two files for any table', () => {
  const read = (train: string, held: string) =>
    readSplit({ where: 'a.txt', text: train }, { where: 'b.txt', text: held }, { rows: 5 });
  expect(read('4\n0\n', '1 2')).toEqual({ train: Uint32Array.of(4, 0), test: Uint32Array.of(1, 2) });
  expect(() => read('4', '\n5')).toThrow(
    'b.txt: line 2: there is no row 5; the table has 5, numbered from 0 to 4',
  );
  expect(() => read('4', '4')).toThrow('b.txt: line 1: row 4 is in a.txt too, line 1; keep it in one');
});

test('files that are missing, and a table that is none', async () => {
  await expect(withFiles({ 'index_train_2.txt': '0' })).rejects.toThrow(
    'index_test_2.txt: is missing; splits are numbered from 0 and have two files each',
  );
  await expect(withFiles({ 'index_train_900000000000.txt': '0' })).rejects.toThrow(
    'index_train_2.txt: is missing',
  );
  await expect(withFiles({ 'data.txt': '1 2\n3' })).rejects.toThrow(CsvError);
  await expect(withFiles({ 'data.txt': '1 2\n3' })).rejects.toThrow('data.txt: line 2');
  await expect(readUciFolder(memoryFolder({ 'data.txt': '1 2' }))).rejects.toThrow('index_features.txt');
});
