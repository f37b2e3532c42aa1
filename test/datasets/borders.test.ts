/** Slips in plain JavaScript at the functions of data and files: refused by their own names, and what a typo would change. */
import { expect, test } from 'vitest';
import { bench } from '../../bench/index.ts';
import * as h5 from '../../datasets/h5.ts';
import * as parquet from '../../datasets/parquet.ts';
import * as png from '../../datasets/png.ts';
import * as L from '../../index.ts';
import { openFolder } from '../../study/read/node-folder.ts';
import { type Callable, failureOf, ofData, RAW, slipsOf } from '../slips.ts';

/** A source that ends what would take long. */
const ENOUGH = 'no more random numbers';
const stop = () => {
  throw new Error(ENOUGH);
};
const random = { uniform: stop, normal: stop };
const table = { columns: ['a', 'b'], rows: 3, values: Float64Array.of(1, 2, 3, NaN, 5, 6) };
const image = { width: 2, height: 2, values: new Uint8Array(4) };
const folder = openFolder('/nowhere');
const npy = L.encodeNpy({ shape: [2], values: Float32Array.of(1, 2) });
const index = { where: 'rows.txt', text: '0' };
const kernel = L.defineKernel({
  name: 'own',
  inputs: ['x'],
  outputs: ['y'],
  code: '@compute @workgroup_size(1) fn main() {}',
});
const x = L.ones([1], L.openCpu());

const own = Object.entries(L).filter(([name, value]) => ofData.test(name) && typeof value === 'function');
const others = { ...h5, ...parquet, ...png, openFolder, bench };
const filed = {
  ...{ decodeSafetensors: L.decodeSafetensors, encodeSafetensors: L.encodeSafetensors },
  ...{ saveTensors: L.saveTensors, loadTensors: L.loadTensors },
  ...{ saveCheckpoint: L.saveCheckpoint, loadCheckpoint: L.loadCheckpoint },
  ...{ chromeTrace: L.chromeTrace, profileTable: L.profileTable },
};
const functions = [...own, ...Object.entries(others), ...Object.entries(filed)].filter(
  ([name]) => !name.endsWith('Error'),
) as [string, Callable][];

const isOfFile = (error: Error) =>
  error instanceof L.FileError ||
  error instanceof L.CsvError ||
  error instanceof L.DatasetError ||
  error instanceof L.SafetensorsError;

const prefixes: [string, unknown[]][] = [
  ['nothing', []],
  ['bytes', [npy]],
  ['a text', ['a,b\n1,2']],
  ['a table', [table]],
  ['numbers', [[1, 2]]],
  ['a number', [2]],
  ['a source', [random]],
  ['a folder', [folder]],
  ['an image', [image]],
  ['an index', [index]],
  ['two indexes', [index, { where: 'b', text: '1' }]],
  ['a map', [new Map()]],
  ['a kernel', [kernel]],
  ['a call', [kernel, { inputs: { x }, outputs: { y: [1] }, workgroups: 1 }]],
];

test.each(prefixes)('slips after %s', async (_, prefix) => {
  const wrong: string[] = [];
  for (const [name, f] of functions) {
    for (const [what, slip] of slipsOf(npy)) {
      for (const count of [1, 2]) {
        const given = [...prefix, ...Array.from({ length: count }, slip)];
        const error = await failureOf(() => f(...given));
        if (!error || error.message === ENOUGH) continue;
        if (isOfFile(error) && !RAW.test(error.message)) continue;
        if (RAW.test(error.message) || !error.message.startsWith(`${name}:`))
          wrong.push(`${name}, ${what}: ${error.message}`);
      }
    }
  }
  expect([...new Set(wrong)]).toEqual([]);
});

test('an option that there is not, or of another kind, is refused with those that there are', async () => {
  const mispelt = { mispelt: 1 };
  const split = { random, testShare: 0.5 };
  const wanted: [string, Callable, unknown[]][] = [
    ['readCsv', L.readCsv as Callable, ['1,2', mispelt]],
    ['sinusoid', L.sinusoid as Callable, [random, mispelt]],
    ['renderedEyes', L.renderedEyes as Callable, [random, mispelt]],
    ['renderedHeads', L.renderedHeads as Callable, [random, mispelt]],
    ['decodeNpy', L.decodeNpy as Callable, [npy, mispelt]],
    ['decodeNpz', L.decodeNpz as Callable, [npy, mispelt]],
    ['readMat', L.readMat as Callable, [npy, mispelt]],
    ['writeMat', L.writeMat as Callable, [new Map(), mispelt]],
    ['mpiigaze', L.mpiigaze as Callable, [folder, mispelt]],
    ['multipie', L.multipie as Callable, [folder, mispelt]],
    ['mpiigazeH5', h5.mpiigazeH5 as Callable, [{ keys: stop, read: stop }, mispelt]],
    ['openH5', h5.openH5 as Callable, [npy, mispelt]],
    ['decodeGreyPng', png.decodeGreyPng as Callable, [npy, mispelt]],
    ['readParquet', parquet.readParquet as Callable, [npy, mispelt]],
    ['parquetColumns', parquet.parquetColumns as Callable, [npy, mispelt]],
    ['randomSplit', L.randomSplit as Callable, [4, { ...split, ...mispelt }]],
    ['groupSplit', L.groupSplit as Callable, [['a', 'b'], { ...split, ...mispelt }]],
    ['trainSubset', L.trainSubset as Callable, [4, mispelt]],
    ['subjectFolds', L.subjectFolds as Callable, [[1, 2], mispelt]],
    ['tableDataset', L.tableDataset as Callable, [table, mispelt]],
    ['completeRows', L.completeRows as Callable, [table, mispelt]],
    ['impute', L.impute as Callable, [table, mispelt]],
    ['readSplit', L.readSplit as Callable, [index, index, mispelt]],
    ['readUciFolder', L.readUciFolder as Callable, [folder, mispelt]],
    ['decodeSafetensors', L.decodeSafetensors as Callable, [npy, mispelt]],
    ['bench', bench as Callable, [kernel, { inputs: { x }, outputs: {}, workgroups: 1 }, mispelt]],
  ];
  for (const [name, f, given] of wanted)
    expect((await failureOf(() => f(...given)))?.message, name).toContain(
      `${name}: unknown option 'mispelt'; it has `,
    );
});

test('what was silently taken for something else', async () => {
  const said: [string, () => unknown][] = [
    [
      "impute: by must be 'mean' or 'median', or left out, got a string 'mode'",
      () => (L.impute as Callable)(table, { rows: [0], by: 'mode' }),
    ],
    ['impute: there is no row 3; the table has 3', () => L.impute(table, { rows: [0, 3], by: 'mean' })],
    ['completeRows: there is no row 9', () => L.completeRows(table, { rows: [9] })],
    ['completeRows: rows: value 0 is -1', () => L.completeRows(table, { rows: [-1] })],
    ["scaleOf: value 1 is a string '2'", () => (L.scaleOf as Callable)([1, '2'], 1)],
    ['scaleOf: 3 numbers are no whole rows of 2 columns', () => L.scaleOf([1, 2, 3], 2)],
    [
      'standardise: 3 numbers are no whole rows of 2 columns',
      () => L.standardise([1, 2, 3], { mean: [0, 0], deviation: [1, 1] }),
    ],
    [
      'unstandardise: 2 means and 1 deviations',
      () => L.unstandardise([1, 2], { mean: [0, 0], deviation: [1] }),
    ],
    ["leaveOneOut: value 0 is a string 'ann'", () => (L.leaveOneOut as Callable)(['ann', 'bob'])],
    [
      "groupSplit: wants a list of the rows' groups, got a string 'ab'",
      () => L.groupSplit('ab' as never, { random, testShare: 0.5 }),
    ],
    [
      "readCsv: missing must be 'keep', or left out, got true",
      () => L.readCsv('1', { missing: true as never }),
    ],
    [
      "readCsv: header must be true or false, or left out, got a string 'no'",
      () => L.readCsv('1', { header: 'no' as never }),
    ],
    ["readCsv: columns must be a list, got a string 'a'", () => L.readCsv('a\n1', { columns: 'a' as never })],
    [
      "readMat: maxBytes must be a finite number of at least 0, got a string '1 GB'",
      () => L.readMat(npy, { maxBytes: '1 GB' as never }),
    ],
    [
      'decodeNpz: maxBytes must be a finite number of at least 0, got NaN',
      () => L.decodeNpz(npy, { maxBytes: NaN }),
    ],
    [
      "renderedEyes: rightEyes must be 'mirrored' or 'seen'",
      () => L.renderedEyes(random, { rightEyes: 'mirror' as never }),
    ],
    [
      'renderedEyes: gazePitch must be [least, greatest] in degrees, got 5',
      () => L.renderedEyes(random, { gazePitch: 5 as never }),
    ],
    [
      'sinusoid: outlierShare must be a finite number of at least 0 and of at most 1, got 20',
      () => L.sinusoid(random, { outlierShare: 20 }),
    ],
    [
      'sinusoid: trainRows must be a whole number of at least 0, got 1.5',
      () => L.sinusoid(random, { trainRows: 1.5 }),
    ],
    [
      "mpiigaze: subset must be 'evaluation' or 'all'",
      () => L.mpiigaze(folder, { subset: 'evalution' as never }),
    ],
    ['multipie: decode must be a function, got undefined', () => L.multipie(folder, {} as never)],
    [
      "tableDataset: missing must be 'drop' or 'mean' or 'median'",
      () => L.tableDataset(table, { random, missing: 'zero' as never }),
    ],
    [
      'tableDataset: the table has 6 values for 2 rows of 2 columns',
      () => L.tableDataset({ ...table, rows: 2 }, { random }),
    ],
    ['gazeVector: wants [pitch, yaw] in radians, got a list [1]', () => L.gazeVector([1] as never)],
    [
      'crop: the image has 4 values for 3×2 pixels',
      () => L.crop({ ...image, width: 3 }, { left: 0, top: 0, width: 1, height: 1 }),
    ],
    [
      'encodeNpy: the shape (3) is not that of 2 values',
      () => L.encodeNpy({ shape: [3], values: Float32Array.of(1, 2) }),
    ],
    ["writeMat: 'a': wants { kind, shape }, got 1", () => L.writeMat(new Map([['a', 1 as never]]))],
    [
      "encodeSafetensors: 'a': values must be a Float32Array, Float64Array or Uint32Array, got a list [1]",
      () => L.encodeSafetensors(new Map([['a', { shape: [1], values: [1] as never }]])),
    ],
    ['openFolder: a path inside must be a text, got undefined', () => (folder.read as Callable)()],
  ];
  for (const [message, f] of said) expect((await failureOf(f))?.message).toContain(message);
});

test('undefined stands for an option that was left out', async () => {
  L.readCsv('1,2', {
    delimiter: undefined,
    header: undefined,
    columns: undefined,
    missing: undefined,
  } as L.CsvOptions);
  L.decodeNpy(npy, { where: undefined } as L.NpyOptions);
  L.completeRows(table, { rows: undefined, columns: undefined } as object);
  const given = { target: undefined, teacher: undefined, split: undefined, missing: 'drop' };
  const dealt = { uniform: (count: number) => new Float32Array(count) };
  L.tableDataset({ columns: ['a', 'b'], rows: 3, values: Float64Array.of(1, 2, 3, 4, 5, 6) }, {
    random: dealt,
    testShare: 0.3,
    ...given,
  } as L.TableDatasetOptions);
});
