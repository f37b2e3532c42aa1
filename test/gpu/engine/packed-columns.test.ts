/** Columns in one, two or four bytes a number: packing, its errors, and batches on both backends. */
import { expect, test } from 'vitest';
import { Batches, type Column } from '../../../engine/data/batches.ts';
import { packColumns } from '../../../engine/data/packed-columns.ts';
import { halfBits, halfValue } from '../../../kernels/training/half.ts';
import { cpu, gpu } from '../../backends.ts';
import { noise } from '../../check.ts';

test('every half there and back', () => {
  for (let bits = 0; bits < 0x10000; bits++) {
    if (((bits >> 10) & 31) === 31) continue; // infinities and NaN
    expect(halfBits(halfValue(bits))).toBe(bits);
  }
});

test('halves are rounded to the nearest, ties to even', () => {
  // Bits as of NumPy's float16.
  const known: [number, number][] = [
    [1, 0x3c00],
    [-2.5, 0xc100],
    [0.1, 0x2e66],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [2047.5, 0x6800],
    [65504, 0x7bff],
    [65519.99, 0x7bff],
    [2 ** -24, 1],
    [2 ** -25, 0],
    [1.5 * 2 ** -25, 1],
    [2 ** -14 - 2 ** -26, 0x400],
    [-0, 0x8000],
  ];
  for (const [value, bits] of known) expect(halfBits(value), String(value)).toBe(bits);
  for (const bad of [65520, -1e9, Infinity, NaN]) expect(() => halfBits(bad)).toThrow(RangeError);
});

test('what a storage cannot hold is an error that names it', () => {
  const pack = (values: ArrayLike<number>, storage: Column['storage']) => () =>
    packColumns({ image: { values, width: 1, storage } });
  expect(pack([1, 256], 'u8')).toThrow("batches: 'image' has 256 at 1; 'u8' wants integers from 0 to 255");
  expect(pack([0.5], 'u8')).toThrow("'image' has 0.5 at 0");
  expect(pack([1, 2, 1e5], 'f16')).toThrow(
    "batches: 'image' has 100000 at 2; 'f16' wants numbers from -65504",
  );
  expect(pack([1, -1], 'u32')).toThrow(
    "batches: 'image' has -1 at 1; 'u32' wants integers from 0 to 4294967295",
  );
  expect(pack([2 ** 32], 'u32')).toThrow("'image' has 4294967296 at 0");
});

test('pixels stay bytes', () => {
  const { floats, words } = packColumns({ image: { values: new Uint8Array(7), width: 7 } });
  expect([floats.length, words.length]).toEqual([0, 2]);
});

const [ROWS, PIXELS] = [13, 35];
const pixels = Uint8Array.from({ length: 2 * ROWS * PIXELS }, (_, i) => (i * 37) % 256);
const halves = noise(2 * ROWS * 3, 1).map((value) => 5 * value);
const subnormal = Float32Array.from({ length: 2 * ROWS }, (_, i) => i * 2 ** -24);

test.each(['cpu', 'gpu'])('batches of every storage on the %s, for two seeds', async (kind) => {
  const backend = kind === 'cpu' ? cpu : await gpu();
  const open = (storage: boolean) =>
    new Batches(
      {
        image: { values: pixels, width: PIXELS, storage: storage ? undefined : 'f32' },
        pose: {
          values: storage ? halves : halves.map((value) => halfValue(halfBits(value))),
          width: 3,
          storage: storage ? 'f16' : 'f32',
        },
        label: { values: noise(2 * ROWS, 2), width: 1 },
        small: { values: subnormal, width: 1, storage: storage ? 'f16' : 'f32' },
      },
      backend,
      { batchSize: 8, seed: [3, 4] },
    );
  const [packed, plain] = [open(true), open(false)];
  for (let step = 0; step < 4; step++) {
    const [some, wanted] = [packed, plain].map((batches) => {
      batches.prepare(step);
      backend.step.begin();
      return batches.batch();
    });
    for (const [name, x] of Object.entries(wanted!)) {
      const got = some![name as 'image'];
      expect(got.shape).toEqual(x.shape);
      expect([...(await got.data())], name).toEqual([...(await x.data())]);
    }
  }
});

const LABELS = Uint32Array.from(
  { length: 2 * ROWS },
  (_, i) => [0, 1, 2 ** 24 + 1, 2 ** 32 - 1][i % 4]! - (i % 4 ? i : 0),
);

test.each(['cpu', 'gpu'])(
  'columns of integers stay integers on the %s, alone and beside others',
  async (kind) => {
    const backend = kind === 'cpu' ? cpu : await gpu();
    for (const seed of [3, [3, 4]]) {
      const seeds = typeof seed === 'number' ? [seed] : seed;
      const half = (values: ArrayLike<number>) =>
        Array.from(values).slice(0, (seeds.length * values.length) / 2);
      const label = { values: half(LABELS), width: 1, storage: 'u32' } as const;
      const items = Array.from({ length: 2 * ROWS * 3 }, (_, i) => 7 * i);
      const options = { batchSize: 8, seed };
      const mixed = new Batches(
        {
          label,
          image: { values: Uint8Array.from(half(pixels)), width: PIXELS },
          items: { values: Uint32Array.from(half(items)), width: 3 },
          row: { values: half(LABELS).map((_, i) => i), width: 1 },
        },
        backend,
        options,
      );
      const alone = new Batches({ label }, backend, options);
      for (let step = 0; step < 4; step++) {
        for (const batches of [mixed, alone]) batches.prepare(step);
        backend.step.begin();
        const batch = mixed.batch();
        expect(batch.label.shape).toEqual([...(typeof seed === 'number' ? [] : [2]), 8, 1]);
        const types = [batch.label, batch.items, batch.row, batch.image].map(({ dtype }) => dtype);
        expect(types).toEqual(['u32', 'u32', 'f32', 'f32']);
        const rows = [...(await batch.row.data())];
        const labels = await batch.label.data();
        expect(labels).toBeInstanceOf(Uint32Array);
        expect([...labels]).toEqual(rows.map((row) => LABELS[row]));
        expect([...(await alone.batch().label.data())]).toEqual([...labels]);
        expect([...(await batch.items.data())]).toEqual(
          rows.flatMap((row) => [0, 1, 2].map((j) => items[3 * row + j])),
        );
        const shown = await batch.image.data();
        expect([...shown.slice(0, PIXELS)]).toEqual([
          ...pixels.slice(rows[0]! * PIXELS, (rows[0]! + 1) * PIXELS),
        ]);
      }
    }
  },
);
