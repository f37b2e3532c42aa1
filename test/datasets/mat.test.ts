/** The MAT reader: files of SciPy and Octave, one by hand, and every way to break a file. */
import { describe, expect, test } from 'vitest';
import { type MatOptions, readMat } from '../../datasets/mat/mat.ts';
import { MatError } from '../../datasets/mat/mat-error.ts';
import { describeMat, type MatNumeric, type MatValue } from '../../datasets/mat/mat-value.ts';
import { compressedMat, damagedMat, matFixture } from '../fuzz/damaged-mat.ts';
import { randomBelow } from '../fuzz/damaged-files.ts';

const read = (name: string, options?: MatOptions) => readMat(matFixture(name), { where: name, ...options });

async function refusal(bytes: Uint8Array, options?: MatOptions): Promise<MatError> {
  const error: unknown = await readMat(bytes, { where: 'x.mat', ...options }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(MatError);
  return error as MatError;
}

/** A value as plain data, to compare. */
function plain(value: MatValue | undefined): unknown {
  switch (value?.kind) {
    case 'numeric':
      return { [describeMat(value)]: [...value.values] };
    case 'char':
      return value.rows;
    case 'cell':
      return { [describeMat(value)]: value.cells.map(plain) };
    case 'struct':
      return new Map([...value.fields].map(([name, values]) => [name, values.map(plain)]));
    default:
      return undefined;
  }
}

const numbers = (type: string, ...values: (number | bigint)[]) => ({ [type]: values });

describe.each(['v6', 'v7'])('files of SciPy, %s', (kind) => {
  test('numbers of all types', async () => {
    const { variables, littleEndian, header } = await read(`scipy-numbers-${kind}.mat`);
    expect({ littleEndian, header }).toMatchObject({ littleEndian: true, header: /^MATLAB 5\.0 MAT-file/ });
    const names = { float64: 'double', float32: 'single' } as Record<string, string>;
    for (const type of ['float64', 'float32', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32'])
      expect(plain(variables.get(type)), type).toEqual(
        numbers(`${names[type] ?? type} [2×3]`, 1, 4, 2, 5, 3, 6),
      );
    for (const type of ['int64', 'uint64'])
      expect(plain(variables.get(type))).toEqual(numbers(`${type} [2×3]`, 1n, 4n, 2n, 5n, 3n, 6n));
    expect(plain(variables.get('extreme'))).toEqual(
      numbers('double [1×6]', Math.PI, -0, Infinity, -Infinity, NaN, 5e-324),
    );
    expect(plain(variables.get('huge'))).toEqual(numbers('int64 [1×2]', 2n ** 63n - 1n, -(2n ** 63n)));
    expect(plain(variables.get('empty'))).toEqual(numbers('double [0×3]'));
    expect(plain(variables.get('flags'))).toEqual(numbers('logical [1×3]', 1, 0, 1));
    const cube = variables.get('cube') as MatNumeric;
    expect(cube.shape).toEqual([2, 3, 4]);
    // Element (i, j, k) of NumPy's 0, 1, 2, …
    for (let i = 0; i < 24; i++) {
      const place = [Math.floor(i / 12), Math.floor(i / 4) % 3, i % 4] as const;
      expect(cube.values[place[0] + 2 * (place[1] + 3 * place[2])]).toBe(i);
    }
  });

  test('cells, structs and text', async () => {
    const { variables } = await read(`scipy-others-${kind}.mat`);
    const cells = {
      'cell [2×2]': [
        numbers('double [1×1]', 1.5),
        numbers('int64 [1×2]', 3n, 4n),
        ['two'],
        numbers('double [0×0]'),
      ],
    };
    expect(plain(variables.get('cells'))).toEqual(cells);
    expect(plain(variables.get('people'))).toEqual(
      new Map<string, unknown>([
        ['name', [['Ann'], ['Bo']]],
        ['age', [numbers('double [1×1]', 3), numbers('double [1×1]', 4)]],
      ]),
    );
    const c = new Map([['c', [numbers('double [1×1]', 7)]]]);
    expect(plain(variables.get('nested'))).toEqual(
      new Map<string, unknown>([
        ['a', [new Map([['b', [c]]])]],
        ['list', [cells]],
      ]),
    );
    expect(plain(variables.get('text'))).toEqual(['hello']);
    expect(plain(variables.get('words'))).toEqual(['one  ', 'three']);
    expect(plain(variables.get('grosse'))).toEqual(['Größe ✓']);
  });
});

test.each(['octave-v6.mat', 'octave-v7.mat'])(
  '%s, with numbers in smaller types than their class',
  async (name) => {
    const { variables } = await read(name);
    expect(
      Object.fromEntries([...variables].slice(0, -1).map(([key, value]) => [key, plain(value)])),
    ).toEqual({
      small: numbers('double [2×3]', 1, 4, 2, 5, 3, 6),
      negative: numbers('double [1×3]', -1, -300, 70000),
      fraction: numbers('double [2×1]', 0.1, -1e300),
      cube: numbers('uint8 [2×3×4]', ...Array.from({ length: 24 }, (_, i) => i)),
      single_one: numbers('single [1×1]', Math.fround(0.1)),
      wide: numbers('int64 [1×2]', 2n ** 63n - 1n, -5n),
      flags: numbers('logical [1×2]', 1, 0),
      text: ['hello'],
      words: ['one', 'two'],
      empty: numbers('double [0×0]'),
      cells: {
        'cell [2×2]': [
          numbers('double [1×1]', 1),
          numbers('double [1×2]', 3, 4),
          ['two'],
          { 'cell [0×0]': [] },
        ],
      },
      nested: new Map([['a', [new Map([['b', [new Map([['c', [numbers('double [1×1]', 7)]]])]]])]]]),
      people: new Map<string, unknown>([
        ['name', [['Ann'], ['Bo']]],
        ['age', [numbers('double [1×1]', 3), numbers('double [1×1]', 4)]],
      ]),
      bare: new Map(),
    });
    expect(variables.get('lonely')).toMatchObject({ class: 'uint8', shape: [1, 36, 60] });
  },
);

test('a big-endian file; names that objects have are only names', async () => {
  const { variables, littleEndian } = await read('big-endian.mat');
  expect(littleEndian).toBe(false);
  expect(Object.fromEntries([...variables].map(([key, value]) => [key, plain(value)]))).toEqual({
    doubles: numbers('double [2×2]', 1.5, -2.25, 1e100, 0),
    smaller: numbers('double [1×3]', 1, 2, 255),
    shorts: numbers('uint16 [1×3]', 1, 256, 65535),
    text: ['é✓'],
    logical: numbers('logical [1×2]', 1, 0),
    squeezed: numbers('int32 [1×2]', -1, 70000),
    record: new Map<string, unknown>([
      ['__proto__', [numbers('double [1×1]', 7)]],
      ['constructor', [{ 'cell [0×0]': [] }]],
    ]),
  });
  expect(Object.hasOwn(Object.prototype, '__proto__') && Object.keys(Object.prototype)).toEqual([]);
});

test('what is not read says so, with the cure, and does not stand in the way of the rest', async () => {
  const sparse = await refusal(matFixture('scipy-sparse.mat'));
  expect(sparse).toMatchObject({
    fault: 'unsupported',
    offset: 232,
    message:
      'x.mat, byte 232: "sparse" is a sparse array; save it as a full one: full(x); ' +
      "or read other variables alone, with the option 'variables'",
  });
  const { variables } = await read('scipy-sparse.mat', { variables: ['dense'] });
  expect(plain(variables.get('dense'))).toEqual(numbers('double [2×2]', 1, 0, 0, 1));
  expect((await refusal(matFixture('scipy-complex.mat'))).problem).toContain('"z" is complex');
  expect((await refusal(matFixture('scipy-version-4.mat'))).problem).toContain('version 4');
  const missing = await refusal(matFixture('scipy-sparse.mat'), { variables: ['Dense'] });
  expect(missing.problem).toBe('the file has no variable "Dense"; it has "dense", "sparse"');
});

test('HDF5 is recognised, with MATLAB’s block before it and without', async () => {
  const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
  for (const at of [0, 512]) {
    const file = new Uint8Array(1024);
    file.set(signature, at);
    const { fault, problem } = await refusal(file);
    expect({ fault, problem }).toMatchObject({
      fault: 'unsupported',
      problem: expect.stringContaining('limbeck/h5'),
    });
  }
});

/** An element of type 14 around bytes, or an array of cells around elements. */
function matrix(...parts: Uint8Array[]): Uint8Array {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(8 + size);
  new DataView(bytes.buffer).setUint32(0, 14, true);
  new DataView(bytes.buffer).setUint32(4, size, true);
  let at = 8;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const words = (...values: number[]) => new Uint8Array(Uint32Array.from(values).buffer);
/** Flags, dimensions and a name of one letter. */
const before = (kind: number, rows: number, columns = 1) =>
  words(6, 8, kind, 0, 5, 8, rows, columns, 0x10001, 97);

test('hostile sizes, nesting and compression are refused before memory is taken', async () => {
  const header = matFixture('octave-v6.mat').subarray(0, 128);
  const fileOf = (element: Uint8Array) => Uint8Array.from([...header, ...element]);
  let nested = matrix(before(1, 0));
  for (let i = 0; i < 40; i++) nested = matrix(before(1, 1), nested);
  expect(await refusal(fileOf(nested))).toMatchObject({ fault: 'limit' });
  expect((await refusal(fileOf(matrix(before(1, 0x7fffffff))))).problem).toContain('wants 2147483647 arrays');
  expect((await refusal(fileOf(matrix(before(6, 0x7fffffff, 0x7fffffff))))).problem).toContain('over 2^53');
  expect((await refusal(fileOf(matrix(before(6, 3), words(9, 8, 0, 0))))).problem).toContain(
    '3×1 numbers, got 1',
  );
  // A struct without fields takes no memory for its elements, however many.
  const fieldless = matrix(before(2, 0x7fffffff), words(0x40005, 1, 1, 0));
  expect((await readMat(fileOf(fieldless))).variables.get('a')).toMatchObject({ kind: 'struct' });

  // 16 MB of zeros in 16 kB.
  const data = new Uint8Array(2 ** 24);
  const bomb = compressedMat(matrix(before(9, 2 ** 24), words(2, 2 ** 24), data), header);
  expect((await readMat(bomb)).variables.get('a')).toMatchObject({ shape: [2 ** 24, 1] });
  expect(await refusal(bomb, { maxBytes: 2 ** 23 })).toMatchObject({ fault: 'limit', offset: 128 });
  const liar = compressedMat(words(14, 0xfffffff0, 0, 0), header);
  expect((await refusal(liar, { maxBytes: 2 ** 40 })).problem).toContain('cannot hold');
  expect((await refusal(compressedMat(words(14, 64, 0, 0), header))).problem).toContain(
    '16 bytes instead of 72',
  );
  expect((await refusal(compressedMat(words(14, 0, 9, 9), header))).problem).toContain(
    'more than the 8 bytes',
  );
  const [broken, short] = [bomb.slice(), bomb.slice(0, -5)];
  broken[200]! ^= 255;
  new DataView(short.buffer).setUint32(132, short.length - 136, true);
  for (const file of [broken, short]) expect((await refusal(file)).problem).toContain('damaged');
});

test('numbers that their class does not have are refused', async () => {
  const header = matFixture('octave-v6.mat').subarray(0, 128);
  const stored = (kind: number, element: Uint8Array) =>
    refusal(Uint8Array.from([...header, ...matrix(before(kind, 1), element)]));
  expect((await stored(9, words(0x20004, 300))).problem).toBe('"a": the stored number 300 is no uint8');
  expect((await stored(15, words(0x10001, 255))).problem).toBe('"a": the stored number -1 is no uint64');
  const half = new Uint8Array(Float32Array.of(0.5).buffer);
  const single = Uint8Array.from([...words(0x40007), ...half]);
  expect((await stored(14, single)).problem).toBe('"a": the stored number 0.5 is no int64');
});

test('10,000 damaged files: read, or refused with a MatError', async () => {
  const below = randomBelow(5);
  let refused = 0;
  for (let i = 0; i < 10_000; i++) {
    const file = damagedMat(below);
    try {
      await readMat(file, { maxBytes: 2 ** 22 });
    } catch (error) {
      if (!(error instanceof MatError)) throw new Error(`file ${i}`, { cause: error });
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(3000);
  expect(refused).toBeLessThan(10_000);
  expect(Object.keys(Object.prototype)).toEqual([]);
});
