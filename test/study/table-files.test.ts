/** Tables by their bytes, whatever they are called and however they are packed; and what files are that are none. */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nameList, namesIn } from '../../base/name-list.ts';
import { configFor, leftOutOf } from '../../study/options/input-config.ts';
import { parseOptions } from '../../study/options/options.ts';
import { atHome } from '../../study/read/home.ts';
import { readData } from '../../study/read/read-data.ts';
import { readTable, type TableOptions } from '../../study/read/read-table.ts';
import { zip } from '../../web/train/zip.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'limbeck-files-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const none: TableOptions = {
  columns: undefined,
  header: undefined,
  group: undefined,
  split: [],
  keepsMissing: false,
};

function write(name: string, content: string | Uint8Array): string {
  const path = join(root, name);
  writeFileSync(path, content);
  return path;
}

const read = (path: string, options: Partial<TableOptions> = {}) => readTable(path, { ...none, ...options });

const table = `p,q,r,s,t\n${Array.from({ length: 30 }, (_, i) => [i, i * i, i % 7, (i * 3) % 11, i + 0.5].join(',')).join('\n')}\n`;

test('gzip, UTF-16 with a mark, and an encoding that is told', async () => {
  const plain = await read(write('a.csv', table));
  const values = [...plain.table.values];
  for (const name of ['a.csv.gz', 'a.tsv.gz', 'a.dat'])
    expect([...(await read(write(name, gzipSync(table)))).table.values]).toEqual(values);
  const wide = await read(write('wide.csv', Buffer.from(`\ufeff${table}`, 'utf16le')));
  expect([...wide.table.values]).toEqual(values);
  expect(wide.description).toContain('utf-16le');
  const latin = write('latin.csv', Buffer.from('größe,y\n1,2\n', 'latin1'));
  await expect(read(latin)).rejects.toThrow('is not UTF-8 text; save it as UTF-8, or say in which encoding');
  expect((await read(latin, { encoding: 'windows-1252' })).table.columns).toEqual(['größe', 'y']);
  await expect(read(write('b.csv.gz', gzipSync(table).subarray(0, 40)))).rejects.toThrow(
    'is damaged, or cut off',
  );
});

test('Parquet of every codec and name', async () => {
  const fixtures = fileURLToPath(new URL('../fixtures/parquet', import.meta.url));
  const packed = readdirSync(fixtures).filter((name) => /zstd|gzip|brotli|lz4|snappy/i.test(name));
  expect(packed.length).toBeGreaterThan(0);
  for (const name of packed) {
    const path = join(root, `${name}.data`);
    copyFileSync(join(fixtures, name), path);
    expect((await read(path, { keepsMissing: true })).table.rows, name).toBeGreaterThan(0);
  }
});

const text = (value: string) => new TextEncoder().encode(value);

test.each([
  [
    'book.xlsx',
    zip(new Map([['xl/workbook.xml', text('')]])),
    "a workbook of Excel's (.xlsx); save the sheet as CSV",
  ],
  ['arrays.npz', zip(new Map([['x.npy', text('')]])), "an archive of NumPy's arrays (.npz); save it as CSV"],
  ['both.zip', zip(new Map([['a.csv', text('x')]])), 'a ZIP archive (a.csv); unpack it'],
  ['array.npy', Buffer.from('\x93NUMPY', 'latin1'), "an array of NumPy's"],
  ['page.csv', text('<!DOCTYPE html><html>'), 'a page of HTML'],
  ['list.csv', text('[{"a": 1}]'), 'JSON; save it as CSV'],
  ['old.xls', Buffer.from('\xd0\xcf\x11\xe0', 'latin1'), "an old workbook of Excel's"],
  ['a.csv.zst', Buffer.from('\x28\xb5\x2f\xfd', 'latin1'), 'packed by zstd; unpack it first'],
  ['zeros.csv', new Uint8Array(100), 'holds zero bytes: it is no text'],
])('%s is told by what it is', async (name, bytes, message) => {
  await expect(read(write(name, bytes))).rejects.toThrow(message);
});

test('folders are told by what is in them', async () => {
  const folder = (name: string, ...files: string[]) => {
    mkdirSync(join(root, name));
    for (const file of files) write(join(name, file), '');
    return join(root, name);
  };
  await expect(read(folder('eyes', 'Data'))).rejects.toThrow('a folder of MPIIGaze; say mpiigaze:');
  await expect(read(folder('heads', 'session01'))).rejects.toThrow('a folder of Multi-PIE; say multipie:');
  await expect(read(folder('tables', 'x.csv'))).rejects.toThrow(
    /is a folder; wants a file, such as .*x\.csv/,
  );
});

test('a gzip bomb is refused within bounds', async () => {
  const bomb = write('bomb.csv.gz', gzipSync(Buffer.alloc(2 ** 27, '1,1\n')));
  await expect(read(bomb)).rejects.toThrow('unpacks to more than 67');
});

const methodNames = ['scratch', 'imitation'];
const hooks = { signal: new AbortController().signal, onProgress() {}, onSkip() {} };

async function configOf(path: string, ...words: string[]) {
  const options = parseOptions(['--data', path, '--methods', 'scratch', ...words], methodNames);
  const found = await readData(options.config, options, hooks);
  const config = configFor(options.config, found!.input);
  const { columns } = found!.input.table!;
  const others = columns.filter((name) => !config.target.includes(name));
  return { target: config.target, inputs: others, config, input: found!.input };
}

test('numbers count the columns of the file, whatever is read of it; targets are read too', async () => {
  const path = write('num.csv', table);
  const inputsOf = async (...words: string[]) => {
    const { target, inputs } = await configOf(path, ...words);
    return `${inputs.join('')} to ${target.join('')}`;
  };
  expect(await inputsOf('--columns', '0,2,3', '--target', '2')).toBe('ps to r');
  expect(await inputsOf('--group', 'p', '--target', '3')).toBe('qrt to s');
  expect(await inputsOf('--group', '0', '--target', '4')).toBe('qrs to t');
  expect(await inputsOf('--columns', 'p,q', '--target', 's')).toBe('pq to s');
  expect(await inputsOf('--columns', 'p', '--columns', 'q', '--target', '-1')).toBe('pq to t');
  expect(await inputsOf('--exclude', '0,-1')).toBe('qr to s');
  expect(await inputsOf('--exclude', 'q', '--target', '0')).toBe('rst to p');
  expect(await inputsOf('--target', 'p', '--target', 's')).toBe('qrt to ps');
  await expect(inputsOf('--exclude', 's', '--target', '3')).rejects.toThrow(
    "column 's' is in the file, and was not read",
  );
  await expect(inputsOf('--exclude', 'x')).rejects.toThrow("--exclude: there is no column 'x'");
});

test('a name with a comma is quoted, and a list of names is one', async () => {
  const path = write('comma.csv', table.replace('s,t', '"strength (MPa, mega)",t'));
  const name = 'strength (MPa, mega)';
  expect((await configOf(path, '--target', `"${name}"`)).target).toEqual([name]);
  expect((await configOf(path, '--target', `p, "${name}"`)).target).toEqual(['p', name]);
  await expect(configOf(path, '--target', name)).rejects.toThrow(
    `did you mean '"${name}"', in double quotes`,
  );
  for (const names of [['a'], ['a, b', 'c'], ['"', ' x ', '']])
    expect(namesIn(nameList(names))).toEqual(names);
  expect(namesIn('"a, b')).toBeUndefined();
  expect(namesIn('"a" b')).toBeUndefined();
});

test('a repeated option adds where it is a list, is refused where it is about data, and is told elsewhere', () => {
  const parse = (...words: string[]) => parseOptions(words, methodNames);
  expect(parse('--methods', 'scratch', '--methods', 'imitation').config.methods).toEqual(methodNames);
  expect(() => parse('--data', 'a.csv', '--data', 'b.csv')).toThrow(
    "--data is given twice, as 'a.csv' and 'b.csv'",
  );
  expect(() => parse('--data', 'a.csv', '--group', 'a', '--group', 'b')).toThrow('--group is given twice');
  const { config, idle } = parse('--epochs', '5', '--epochs', '7');
  expect(config.epochs).toBe(7);
  expect(idle).toEqual(["--epochs is given twice: '7' counts, not '5'"]);
  expect(parse('--epochs', '5', '--epochs', '5').idle).toEqual([]);
});

test('rows left out are counted, by column', async () => {
  const gaps = `a,b,y\n${Array.from({ length: 60 }, (_, i) => `${i % 2 ? '' : i},${i % 3 ? 1 : ''},${i}`).join('\n')}\n`;
  const path = write('gaps.csv', gaps);
  const left = async (rule: string) => {
    const { config, input } = await configOf(path, '--missing', rule);
    return leftOutOf(config, input);
  };
  expect(await left('drop')).toEqual({
    ...{ rows: 40, of: 60 },
    columns: [
      { name: 'a', rows: 30 },
      { name: 'b', rows: 20 },
    ],
  });
  expect(await left('mean')).toBeUndefined();
});

test('the home folder behind an equals sign', () => {
  expect(atHome('~/x')).toBe(join(homedir(), 'x'));
  expect(atHome('~')).toBe(homedir());
  expect(atHome('mpiigaze:~/x')).toBe(`mpiigaze:${join(homedir(), 'x')}`);
  for (const path of ['a~/x', '~other/x', 'a/~', '', 'x']) expect(atHome(path)).toBe(path);
  const { config, out } = parseOptions(['--data=~/a.csv', '--out=~/runs'], methodNames);
  expect([config.file, out]).toEqual([join(homedir(), 'a.csv'), join(homedir(), 'runs')]);
});
