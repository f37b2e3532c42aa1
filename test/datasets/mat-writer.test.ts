/** MAT files written and read again: every class, compressed or not; and by other programs' conventions. */
import { expect, test } from 'vitest';
import { readMat } from '../../datasets/mat/mat.ts';
import type { MatValue } from '../../datasets/mat/mat-value.ts';
import { writeMat } from '../../datasets/mat/mat-writer.ts';
import { matFixture } from '../fuzz/damaged-mat.ts';

const numeric = (name: string, values: unknown, shape: number[], isLogical = false) =>
  ({ kind: 'numeric', class: name, isLogical, shape, values }) as MatValue;
const text = (word: string): MatValue => ({ kind: 'char', shape: [1, word.length], rows: [word] });

const variables = new Map<string, MatValue>([
  ['double', numeric('double', Float64Array.of(1.5, -2, Math.PI, NaN, Infinity, -0), [2, 3])],
  ['single', numeric('single', Float32Array.of(0.1, 2), [1, 2])],
  ['bytes', numeric('uint8', Uint8Array.of(1, 2, 3), [3, 1])],
  [
    'many',
    numeric(
      'uint8',
      new Uint8Array(100_000).map((_, i) => i % 7),
      [10, 100, 100],
    ),
  ],
  ['signed', numeric('int8', Int8Array.of(-128, 127), [1, 2])],
  ['words', numeric('int16', Int16Array.of(-32768), [1, 1])],
  ['wide', numeric('int64', BigInt64Array.of(-(2n ** 60n)), [1, 1])],
  ['is', numeric('uint8', Uint8Array.of(1, 0), [1, 2], true)],
  ['none', numeric('double', new Float64Array(), [0, 0])],
  ['words_', { kind: 'char', shape: [2, 3], rows: ['abc', 'dé€'] }],
  [
    'a_cell',
    { kind: 'cell', shape: [2, 1], cells: [text('0001.jpg'), numeric('double', Float64Array.of(4), [1, 1])] },
  ],
  [
    'data',
    {
      kind: 'struct',
      shape: [1, 2],
      fields: new Map([
        ['x', [text('a'), text('b')]],
        [
          'a_longer_name',
          [numeric('int32', Int32Array.of(7), [1, 1]), { kind: 'cell', shape: [0, 0], cells: [] }],
        ],
      ]),
    },
  ],
]);

test.each([true, false])('what is written is read, compressed: %s', async (compressed) => {
  const bytes = await writeMat(variables, { compressed, header: 'MATLAB 5.0 MAT-file, a test' });
  const file = await readMat(bytes);
  expect(file.header).toBe('MATLAB 5.0 MAT-file, a test');
  expect(file.littleEndian).toBe(true);
  expect([...file.variables.keys()]).toEqual([...variables.keys()]);
  for (const [name, value] of variables) expect(file.variables.get(name), name).toEqual(value);
  expect(bytes.length < 20_000).toBe(compressed);
});

test('a day as SciPy wrote it, written again, holds the same', async () => {
  const { variables: day } = await readMat(matFixture('scipy-day-3.mat'));
  expect((await readMat(await writeMat(day))).variables).toEqual(day);
});

test('what does not fit is an error with its place', async () => {
  const write = (value: MatValue, name = 'x') => writeMat(new Map([[name, value]]));
  const short = numeric('double', Float64Array.of(1), [2, 3]);
  await expect(write(short)).rejects.toThrow("'x' [2×3] wants 6 numbers, got 1");
  await expect(write({ kind: 'cell', shape: [1, 1], cells: [short] })).rejects.toThrow("'x{1}' [2×3]");
  const fields = new Map([['f', [numeric('double', Float64Array.of(1), [1])]]]);
  await expect(write({ kind: 'struct', shape: [1, 1], fields })).rejects.toThrow("'x.f' has the shape [1]");
  await expect(write({ kind: 'char', shape: [2, 2], rows: ['abc', 'd'] })).rejects.toThrow(
    'differ in length',
  );
  await expect(write(text('a'), 'é')).rejects.toThrow('is not ASCII');
  await expect(writeMat(new Map(), { header: 'x'.repeat(117) })).rejects.toThrow('at most 116');
});
