/** .npy and .npz files of NumPy, written ones, and every way to break one. */
import { expect, test } from 'vitest';
import { decodeNpy, encodeNpy } from '../../datasets/npy/npy.ts';
import { NpyError } from '../../datasets/npy/npy-error.ts';
import { decodeNpz } from '../../datasets/npy/npz.ts';
import { randomBelow } from '../fuzz/damaged-files.ts';
import { damagedNpy, damagedNpz, npyFixture } from '../fuzz/damaged-npy.ts';

function refusal(f: () => unknown): NpyError {
  try {
    f();
  } catch (error) {
    expect(error).toBeInstanceOf(NpyError);
    return error as NpyError;
  }
  throw new Error('nothing was refused');
}

async function npzRefusal(bytes: Uint8Array, options = {}): Promise<NpyError> {
  const error: unknown = await decodeNpz(bytes, { where: 'x.npz', ...options }).catch(
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(NpyError);
  return error as NpyError;
}

test.each(['arrays.npz', 'packed.npz'])('%s: all numeric types of both byte orders', async (name) => {
  const arrays = await decodeNpz(npyFixture(name), { where: name });
  const kinds = ['i2', 'u2', 'i4', 'u4', 'i8', 'u8', 'f2', 'f4', 'f8'];
  for (const key of [...kinds.flatMap((kind) => [`le_${kind}`, `be_${kind}`]), 'le_i1', 'le_u1']) {
    const { shape, values, dtype } = arrays.get(key)!;
    expect({ shape, values: [...values].map(Number) }, key).toEqual({
      shape: [2, 3],
      values: [0, 1, 2, 3, 4, 5],
    });
    expect(dtype[0], key).toBe(key.endsWith('1') ? '|' : key.startsWith('be') ? '>' : '<');
  }
  expect(arrays.get('le_b1')).toMatchObject({ dtype: '|b1', values: Uint8Array.of(0, 1, 1, 1, 1, 1) });
  expect(arrays.get('be_i8')!.values).toBeInstanceOf(BigInt64Array);
  expect([...arrays.get('halves')!.values]).toEqual([1, -2.5, 2 ** -24, 65504, Infinity, -Infinity, NaN, -0]);
  expect(arrays.get('fortran')).toEqual({
    dtype: '<f8',
    fortranOrder: true,
    shape: [2, 3, 4],
    values: Float64Array.from({ length: 24 }, (_, i) => i),
  });
  expect(arrays.get('scalar')).toMatchObject({ shape: [], values: Float64Array.of(7.5) });
  expect(arrays.get('empty')).toMatchObject({ shape: [0, 3], values: new Float32Array() });
  expect(arrays.get('__proto__')).toMatchObject({ values: Uint8Array.of(1) });
  const two = await decodeNpz(npyFixture(name), { arrays: ['scalar', 'halves'] });
  expect([...two.keys()].sort()).toEqual(['halves', 'scalar']);
});

test.each([1, 2, 3])('version %d', (version) => {
  expect(decodeNpy(npyFixture(`version-${version}.npy`))).toMatchObject({
    shape: [1, 2],
    values: Float64Array.of(1.5, -2),
  });
});

test('Fortran order and big-endian at once', () => {
  expect(decodeNpy(npyFixture('fortran.npy'))).toMatchObject({
    dtype: '>i4',
    shape: [2, 3],
    values: Int32Array.of(0, 1, 2, 3, 4, 5),
  });
});

test('what is written has the bytes that NumPy writes, and is read again', () => {
  const bytes = encodeNpy({ shape: [1, 2], values: Float64Array.of(1.5, -2) });
  expect(bytes).toEqual(npyFixture('version-1.npy'));
  const arrays = [
    { shape: [3], values: Uint8Array.of(1, 2, 255) },
    { shape: [], values: Int8Array.of(-1) },
    { shape: [0, 2], values: new Int16Array() },
    { shape: [2], values: BigInt64Array.of(-1n, 2n ** 62n) },
    { shape: [1], values: BigUint64Array.of(2n ** 64n - 1n) },
    { shape: [2, 1], values: Float32Array.of(0.1, NaN) },
    { shape: [1], values: Uint32Array.of(2 ** 32 - 1) },
  ];
  for (const array of arrays) expect(decodeNpy(encodeNpy(array))).toMatchObject(array);
  expect(() => encodeNpy({ shape: [2, 2], values: new Float32Array(3) })).toThrow(
    new RangeError('encodeNpy: the shape (2, 2) is not that of 3 values'),
  );
});

/** A file with this header and so many zero bytes. */
function file(header: string, dataBytes = 8): Uint8Array {
  const bytes = new Uint8Array(10 + header.length + dataBytes);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 255, header.length >> 8]);
  bytes.set(new TextEncoder().encode(header), 10);
  return bytes;
}

const good = "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }";

test.each([
  [
    "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }",
    '(2) of <f8 wants 16 bytes, 8 follow the header',
  ],
  ["{'descr': '<f8', 'fortran_order': False, 'shape': (1), }", 'the shape (1) is a number'],
  ["{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }", 'the shape has "-1", which is no length'],
  [
    "{'descr': '<f8', 'fortran_order': False, 'shape': 1, }",
    'cannot read the header from " \'shape\': 1, " on',
  ],
  ["{'descr': '<f8', 'fortran_order': 'no', 'shape': (1,), }", "wants 'fortran_order', True or False"],
  ["{'descr': '<f8', 'fortran_order': False}", "wants 'shape', a tuple of lengths"],
  ["{'descr': '<f8', 'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", 'has "descr" twice'],
  [`${good.slice(0, -1)} 'extra': (1,)}`, 'has "extra", which the format does not have'],
  ['[]', "wants a header like {'descr': '<f8', …}"],
  [good.replace('<f8', '|f8'), 'the dtype "|f8" is not read'],
  [good.replace('<f8', '<f16'), 'the dtype "<f16" is not read'],
  [good.replace('<f8', '|b1').replace('(1,)', '(9007199254740993, 0, 3)'), 'which is no length'],
])('%s', (header, problem) => {
  expect(refusal(() => decodeNpy(file(header))).problem).toContain(problem);
});

test('what is not read says so', () => {
  expect(decodeNpy(file(good.replace('(1,)', '(1L,)'))).shape).toEqual([1]);
  const problems = Object.fromEntries(
    ['objects', 'records', 'text', 'complex'].map((name) => {
      const { fault, problem } = refusal(() => decodeNpy(npyFixture(`${name}.npy`)));
      expect(fault).toBe('unsupported');
      return [name, problem];
    }),
  );
  expect(problems.objects).toContain('pickled code');
  expect(problems.records).toContain('structured dtype');
  expect(problems.text).toContain('"<U2" is not read');
  expect(problems.complex).toContain('"<c16" is not read');
  const bool = file("{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }", 2);
  bool[bool.length - 1] = 7;
  expect(refusal(() => decodeNpy(bool)).message).toBe(
    `npy, byte ${bool.length - 1}: wants a Boolean, 0 or 1, got 7`,
  );
  expect(refusal(() => decodeNpy(npyFixture('version-1.npy').subarray(0, 20))).problem).toContain('cut off');
});

test('archives: a damaged member, a limit, a missing array', async () => {
  const packed = npyFixture('packed.npz');
  const broken = packed.slice();
  broken[60]! ^= 255;
  expect((await npzRefusal(broken)).problem).toMatch(/damaged|wants/);
  const stored = npyFixture('arrays.npz');
  stored[180]! ^= 1;
  expect((await npzRefusal(stored)).problem).toContain('checksum');
  expect(await npzRefusal(packed, { maxBytes: 300 })).toMatchObject({ fault: 'limit' });
  expect((await npzRefusal(packed, { arrays: ['nobody'] })).problem).toContain(
    'no array "nobody"; it has "le_b1"',
  );
  expect((await npzRefusal(packed.subarray(0, -1))).problem).toContain('directory at the end is missing');
});

test('10,000 damaged files: read, or refused with an NpyError', async () => {
  const below = randomBelow(7);
  let refused = 0;
  for (let i = 0; i < 10_000; i++) {
    const isArchive = i % 8 === 0;
    const bytes = isArchive ? damagedNpz(below) : damagedNpy(below);
    try {
      if (isArchive) await decodeNpz(bytes, { maxBytes: 2 ** 22 });
      else decodeNpy(bytes);
    } catch (error) {
      if (!(error instanceof NpyError)) throw new Error(`file ${i}`, { cause: error });
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(3000);
  expect(refused).toBeLessThan(10_000);
});
