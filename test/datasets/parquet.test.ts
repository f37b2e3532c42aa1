/** Parquet files by pyarrow and Polars: numbers of every type, what is refused with column and row, damaged files. */
import { readFileSync } from 'node:fs';
import { compressors } from 'hyparquet-compressors';
import { describe, expect, test } from 'vitest';
import { DatasetError } from '../../datasets/dataset-error.ts';
import { parquetColumns, ParquetError, readParquet } from '../../datasets/parquet.ts';

const fixture = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../fixtures/parquet/${name}.parquet`, import.meta.url)));

test.each(['numbers', 'numbers-v2'])('%s: every type that is a number, nulls as NaN', async (name) => {
  const table = await readParquet(fixture(name), { missing: 'keep' });
  const columns: Record<string, readonly [number, number]> = {
    bool: [1, 0],
    int8: [-128, 127],
    uint8: [0, 255],
    int16: [-32768, 32767],
    uint16: [0, 65535],
    int32: [-(2 ** 31), 2 ** 31 - 1],
    uint32: [0, 2 ** 32 - 1],
    int64: [-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    uint64: [0, Number.MAX_SAFE_INTEGER],
    half: [0.5, -65504],
    float: [Math.fround(0.1), 3.4028234663852886e38],
    double: [0.1, NaN],
    decimal: [1.25, -1000.5],
    nothing: [NaN, NaN],
  };
  const rows = [0, 1].map((i) => Object.values(columns).map((pair) => pair[i]));
  expect(table.columns).toEqual(Object.keys(columns));
  expect([...table.values]).toEqual([...rows.flat(), ...rows[0]!.map(() => NaN)]);
});

test('row groups and many pages; groups, and columns in the order asked for', async () => {
  const { columns, rows, values, groups } = await readParquet(fixture('row-groups'), {
    columns: ['few', 0, 'half', 'person'],
    group: 'person',
    missing: 'keep',
  });
  expect([columns, rows]).toEqual([['few', 'i', 'half'], 5000]);
  const wanted = Array.from({ length: 5000 }, (_, i) => [i % 3, i, i % 7 === 0 ? NaN : i / 2]).flat();
  expect([...values]).toEqual(wanted);
  expect(groups).toEqual(Array.from({ length: 5000 }, (_, i) => `p${Math.floor(i / 100)}`));
  const byNumber = await readParquet(fixture('row-groups'), { columns: ['i'], group: 'few' });
  expect(byNumber.groups?.slice(0, 4)).toEqual(['0', '1', '2', '0']);
});

test('other encodings; other compressions, once there is somebody to unpack them', async () => {
  const encodings = await readParquet(fixture('encodings'));
  expect([...encodings.values]).toEqual([5, 0.1, 1, -3, 0.2, 1, 1e12, 0.3, 0]);
  for (const codec of ['gzip', 'zstd', 'brotli', 'lz4']) {
    const bytes = fixture(`small-${codec}`);
    expect([...(await readParquet(bytes, { compressors })).values], codec).toEqual([1, 2, 3]);
    const error = await readParquet(bytes, { where: 'x.parquet' }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ParquetError);
    expect(error).toMatchObject({ where: 'x.parquet', fault: 'unsupported' });
    expect((error as Error).message).toMatch(
      /column 'x' is packed by \w+; give the compressors of the package hyparquet-compressors, or write the file with snappy$/,
    );
  }
});

test('a file of Polars, packed by zstd', async () => {
  const options = {
    columns: ['age', 'score', 'left'],
    group: 'person',
    missing: 'keep',
    compressors,
  } as const;
  const table = await readParquet(fixture('polars'), options);
  expect(table).toMatchObject({ rows: 4, groups: ['S1', 'S1', 'S2', 'S3'] });
  expect([...table.values]).toEqual([31, 0.5, 1, 31, NaN, 0, NaN, 1.5, 1, 57, -2, NaN]);
});

test('an index that pandas wrote is read only if asked for', async () => {
  expect((await readParquet(fixture('indexed'))).columns).toEqual(['x']);
  const { values } = await readParquet(fixture('indexed'), { columns: ['__index_level_0__'] });
  expect([...values]).toEqual([7, 9]);
});

test('what the columns are', () => {
  const columns = parquetColumns(fixture('others'));
  expect(columns.filter(({ isNumeric }) => isNumeric).map(({ name }) => name)).toEqual([
    'x',
    'huge',
    'infinite',
    'beyond',
    'holes',
  ]);
  expect(columns.slice(1, 9).map(({ type }) => type)).toEqual([
    'string',
    'string',
    'bytes',
    'date',
    'time',
    'timestamp',
    'list or struct',
    'list or struct',
  ]);
});

describe('what is no table of numbers says so', () => {
  const fail = async (columns: (string | number)[], options = {}) => {
    const all = { where: 'x.parquet', columns, ...options };
    const error = await readParquet(fixture('others'), all).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(DatasetError);
    return (error as Error).message;
  };

  test.each([
    ['text', "column 'text' is of type string, not a number; leave it out by choosing the other columns"],
    ['date', "column 'date' is of type date, not a number"],
    ['list', "column 'list' is of type list or struct, not a number"],
    ['huge', "column 'huge', row 1 (from 0): 9007199254740993 has more digits than a number can hold, 2^53"],
    ['infinite', "column 'infinite', row 1 (from 0): -Infinity is not finite; fill in a number"],
    ['beyond', "column 'beyond', row 1 (from 0): 1e+39 is beyond float32"],
    ['holes', "column 'holes' has a missing number in row 0 (from 0); fill it in, remove the row, or say"],
    ['hols', "there is no column 'hols', did you mean 'holes'?"],
  ])('%s', async (column, problem) => {
    expect(await fail(['x', column])).toContain(`x.parquet: ${problem}`);
  });

  test('missing numbers are counted, groups may not be missing, and nothing is left', async () => {
    const error = await readParquet(fixture('row-groups'), { columns: ['half'] }).catch(String);
    expect(error).toContain("column 'half' has 715 missing numbers, the first in row 0 (from 0); fill it in");
    expect(await fail(['x'], { group: 'person' })).toContain(
      `column 'person', row 1 (from 0): wants the row's group as text or a number, got nothing`,
    );
    expect(await fail(['x'], { group: 'x' })).toContain('no column of numbers is left');
    expect(await readParquet(fixture('no-rows')).catch(String)).toContain('there are no rows');
  });
});

test('no Parquet file, a file cut off anywhere, and one that is too large', async () => {
  const whole = fixture('numbers');
  for (let length = 0; length < whole.length; length += 7) {
    const cut = whole.subarray(0, length);
    const error = await readParquet(cut, { where: 'x.parquet' }).catch((caught: unknown) => caught);
    expect(error, `${length}`).toBeInstanceOf(ParquetError);
    expect((error as Error).message).toMatch(/^x\.parquet, byte 0: the file cannot be read \(parquet/);
    expect(() => parquetColumns(cut)).toThrow(ParquetError);
  }
  const limit = await readParquet(fixture('row-groups'), { columns: ['i'], maxBytes: 50_000 }).catch(
    (caught: unknown) => caught,
  );
  expect(limit).toBeInstanceOf(ParquetError);
  expect(limit).toMatchObject({ fault: 'limit' });
});

test('a part of a larger buffer is read as that part', async () => {
  const bytes = fixture('encodings');
  const padded = new Uint8Array(bytes.length + 20);
  padded.set(bytes, 10);
  expect((await readParquet(padded.subarray(10, 10 + bytes.length))).rows).toBe(3);
});
