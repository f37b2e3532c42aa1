/** The command `data`: what it says of files and folders, and its exit codes. */
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { inspect } from '../../tools/data/inspect.ts';
import { formatCount } from '../../base/format.ts';
import { matFixture } from '../fuzz/damaged-mat.ts';

const folder = mkdtempSync(join(tmpdir(), 'limbeck-data-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

async function look(path: string, options = {}) {
  let text = '';
  const signal = new AbortController().signal;
  const out = { write: (part: string) => (text += part) };
  const progress = { write: () => undefined };
  const problems = await inspect(path, { all: false, load: false, signal, out, progress, ...options });
  return { problems, text: text.replaceAll(path, 'PATH') };
}

test('files of every kind', async () => {
  expect((await look(fixture('mat/scipy-day-3.mat'))).text).toContain('  data.left.image: uint8 [3×36×60]\n');
  expect((await look(fixture('npy/fortran.npy'))).text).toContain(
    '  >i4 [2×3], in Fortran order\nnothing is wrong\n',
  );
  expect((await look(fixture('npy/packed.npz'))).text).toContain('  empty: <f4 [0×3]\n');
  expect((await look(fixture('h5/mpiigaze.h5'))).text).toContain('MPIIGaze.h5: 6 eyes of 2 people\n');
  const csv = join(folder, 'a.csv');
  writeFileSync(csv, 'a,b\n1,2\n3,x\n4\n5,6\n');
  expect(await look(csv)).toMatchObject({
    problems: 2,
    text: expect.stringContaining('  wrong: PATH, line 3, column 2: '),
  });
  const [cut, zeros] = [join(folder, 'cut.safetensors'), join(folder, 'zeros.bin')];
  for (const path of [cut, zeros]) writeFileSync(path, new Uint8Array(4));
  expect((await look(cut)).text).toContain('wrong: PATH: safetensors: a file has at least 8 bytes');
  expect((await look(zeros)).text).toContain('wrong: PATH is none of HDF5, MAT, npy');
  expect((await look(fixture('npy/objects.npy'))).problems).toBe(1);
  await expect(look(join(folder, 'nobody'))).rejects.toThrow('no such file');
});

test('tables: how they are written, what is missing, what is constant', async () => {
  const path = join(folder, 'table.data');
  const describe = async (text: string) => {
    writeFileSync(path, text);
    return look(path);
  };
  expect(await describe('  1.0  2   3\n 1.0 ?  NaN\n 1.0  7  NA\n')).toEqual({
    problems: 0,
    text:
      'PATH: table, 37 bytes\n  3 rows of 3 columns, no header, blanks between cells\n  column1, column2, column3\n' +
      '  missing numbers: 1 in column2, 2 in column3\n  the same number in all rows: column1\nnothing is wrong\n',
  });
  const wide = Array.from({ length: 25 }, (_, i) => `c${i}`).join(';');
  expect((await describe(`${wide}\n${wide.replaceAll('c', '')}`)).text).toContain('c19 and 5 more\n');
  expect((await describe('a,b\n')).text).toContain('wrong: PATH, line 1, column 1: a header and no rows');
  expect((await describe('x\n1\n2')).text).toContain('  2 rows of 1 column, a header\n');
  expect((await describe('')).text).toContain('wrong: PATH, line 1, column 1: the text is empty');
});

test('Parquet files: the types of all columns, what is missing in those of numbers', async () => {
  expect(await look(fixture('parquet/polars.parquet'))).toEqual({
    problems: 0,
    text:
      `PATH: Parquet, ${formatCount(1328)} bytes\n` +
      '  person: string, age: int64, score: double, left: boolean\n' +
      '  4 rows of 3 columns of numbers\n' +
      '  missing numbers: 1 in age, 1 in score, 1 in left\nnothing is wrong\n',
  });
  expect((await look(fixture('parquet/others.parquet'))).text).toContain(
    "  wrong: PATH: column 'huge', row 1 (from 0): 9007199254740993 has more digits",
  );
  const broken = join(folder, 'broken.parquet');
  writeFileSync(broken, 'PAR1');
  expect((await look(broken)).text).toContain('  wrong: PATH, byte 0: the file cannot be read (parquet');
});

test('a table with its splits', async () => {
  const root = join(folder, 'wine');
  mkdirSync(root);
  const write = (name: string, text: string) => writeFileSync(join(root, name), text);
  write('data.txt', '1 2 3\n4 5 6\n7 ? 9\n');
  write('index_features.txt', '0\n1\n');
  write('index_target.txt', '2\n');
  write('index_train_0.txt', '0\n1\n');
  write('index_test_0.txt', '2\n');
  write('index_train_1.txt', '1\n');
  write('index_test_1.txt', '0\n');
  expect(await look(root)).toEqual({
    problems: 0,
    text:
      'PATH: a table with splits, in the layout of the UCI benchmark\n  3 rows of 3 columns; target column3\n' +
      '  column1, column2, column3\n  missing numbers: 1 in column2\n  2 splits: 1 to 2 training and 1 test rows\n' +
      'nothing is wrong\n',
  });
  write('index_test_1.txt', '0\n1\n');
  expect((await look(root)).text).toContain(
    '  wrong: index_test_1.txt: line 2: row 1 is in index_train_1.txt too, line 1',
  );
  write('data.txt', '1 2 3\n4 5\n');
  expect((await look(root)).text).toContain(
    '  wrong: PATH/data.txt, line 2, column 3: 2 cells where line 1 has 3',
  );
});

test('a folder of MPIIGaze with one bad day', async () => {
  const root = join(folder, 'MPIIGaze');
  const lists = join(root, 'Evaluation Subset/sample list for eye image');
  mkdirSync(join(root, 'Data/Normalized/p00'), { recursive: true });
  mkdirSync(lists, { recursive: true });
  writeFileSync(join(root, 'Data/Normalized/p00/day01.mat'), matFixture('scipy-day-3.mat'));
  writeFileSync(join(root, 'Data/Normalized/p00/day02.mat'), 'broken');
  writeFileSync(join(lists, 'p00.txt'), 'day01/0001.jpg left\nday01/0002.jpg right\nday02/0001.jpg left\n');
  const { problems, text } = await look(root, { load: true });
  expect(problems).toBe(1);
  expect(text).toContain(
    '  wrong: Data/Normalized/p00/day02.mat, byte 0: wants a header of 128 bytes, the file has 6',
  );
  expect(text).toContain('  MPIIGaze: 2 eyes of 1 people\n');
  expect(text).toMatch(/4.320 pixels kept; peak memory of the process \d+ MiB/);
  expect((await look(root, { all: true })).text).toContain('  MPIIGaze: 6 eyes of 1 people\n');
  expect((await look(folder)).problems).toBe(1);
});
