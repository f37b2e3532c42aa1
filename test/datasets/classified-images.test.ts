/** Readers of images with classes: bytes by hand, files by others, and what is wrong with damaged ones. */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { encode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import { readCifar, readCifar10, readCifar100 } from '../../datasets/classes/cifar.ts';
import { readIdx } from '../../datasets/classes/idx.ts';
import { readIdxFolder } from '../../datasets/classes/idx-folder.ts';
import { readImageFolder } from '../../datasets/classes/image-folder.ts';
import { FileError } from '../../datasets/file-error.ts';
import { decodeGreyPng, decodeRgbPng } from '../../datasets/png.ts';
import { damagedCifar10, damagedCifar100, damagedIdx, damagedIdxPacked } from '../fuzz/damaged-classes.ts';
import { randomBelow } from '../fuzz/damaged-files.ts';
import { memoryFolder } from '../memory-folder.ts';

const fixture = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../fixtures/idx/${name}`, import.meta.url)));

/** Two images of 1×3, by hand. */
const images = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 10, 20, 30, 40, 50, 255);
const labels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 1);

describe('IDX', () => {
  test('bytes, integers and floats of any number of axes, big-endian; gzipped or not', async () => {
    expect(await readIdx(images)).toEqual({
      shape: [2, 1, 3],
      values: Uint8Array.of(10, 20, 30, 40, 50, 255),
    });
    expect(await readIdx(gzipSync(images))).toEqual(await readIdx(images));
    const of = async (type: number, ...bytes: number[]) =>
      (await readIdx(Uint8Array.of(0, 0, type, 1, 0, 0, 0, 1, ...bytes))).values;
    expect(await of(0x09, 0xff)).toEqual(Int8Array.of(-1));
    expect(await of(0x0b, 0x01, 0x02)).toEqual(Int16Array.of(258));
    expect(await of(0x0c, 0xff, 0xff, 0xff, 0xfe)).toEqual(Int32Array.of(-2));
    expect(await of(0x0d, 0x3f, 0xc0, 0, 0)).toEqual(Float32Array.of(1.5));
    expect(await of(0x0e, 0xc0, 0x04, 0, 0, 0, 0, 0, 0)).toEqual(Float64Array.of(-2.5));
  });

  test('Fashion-MNIST as its authors wrote it', async () => {
    const folder = memoryFolder({
      't10k-images-idx3-ubyte.gz': fixture('t10k-images-idx3-ubyte.gz'),
      't10k-labels-idx1-ubyte.gz': fixture('t10k-labels-idx1-ubyte.gz'),
      'train-images-idx3-ubyte.gz': fixture('t10k-images-idx3-ubyte.gz'),
      'train-labels-idx1-ubyte.gz': fixture('t10k-labels-idx1-ubyte.gz'),
      'LICENSE.txt': 'MIT',
    });
    const { train, test: part } = await readIdxFolder(folder);
    expect(part).toEqual(train);
    expect(train).toMatchObject({ rows: 20, channels: 1, height: 28, width: 28 });
    // An ankle boot, a pullover, two trousers: the first labels of its test part.
    expect([...train.labels.slice(0, 4)]).toEqual([9, 2, 1, 1]);
    expect(train.classes).toHaveLength(10);
    // The boot: nothing above, its darkest pixels below the middle.
    const rowSum = (row: number) =>
      train.pixels.subarray(28 * row, 28 * (row + 1)).reduce((sum, pixel) => sum + pixel, 0);
    expect(rowSum(0)).toBe(0);
    expect(rowSum(20)).toBeGreaterThan(2000);
  });

  test('what is wrong has a byte, in one line', async () => {
    const refusal = async (bytes: Uint8Array, options = {}) => {
      const error = await readIdx(bytes, { where: 'x', ...options }).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(FileError);
      expect((error as Error).message).not.toContain('\n');
      return (error as Error).message;
    };
    const changed = (at: number, value: number) => images.with(at, value);
    expect(await refusal(images.subarray(0, 3))).toBe('x, byte 0: has 3 bytes; an IDX file begins with 4');
    expect(await refusal(changed(0, 1))).toContain('x, byte 0: is no IDX file');
    expect(await refusal(changed(2, 0x0a))).toContain('x, byte 2: holds numbers of type 0xa');
    expect(await refusal(changed(3, 0))).toContain('x, byte 3: has no axes');
    expect(await refusal(changed(3, 9))).toContain('is cut off within the lengths of its 9 axes');
    expect(await refusal(changed(7, 3))).toBe('x, byte 16: has 6 bytes of numbers; 3×1×3 of them want 9');
    expect(await refusal(changed(4, 255))).toContain('of them want');
    const packed = new Uint8Array(gzipSync(images));
    expect(await refusal(packed.with(packed.length - 8, packed.at(-8)! ^ 1))).toContain('damaged');
    expect(await refusal(packed.subarray(0, 12))).toContain('is cut off');
    expect(await refusal(packed, { maxBytes: 10 })).toContain('raise maxBytes');
    expect(await refusal(new Uint8Array(gzipSync(changed(7, 3))))).toContain(
      'x, byte 16 of what is compressed at byte 0: has 6 bytes',
    );
  });

  test('folders: missing files, parts that do not fit', async () => {
    const files = { 'train-images-idx3-ubyte': images, 'train-labels.idx1-ubyte': labels };
    const { train, test: none } = await readIdxFolder(memoryFolder(files));
    expect(none).toBeUndefined();
    expect([...train.labels]).toEqual([7, 1]);
    expect(train.classes.at(-1)).toBe('7');
    const refused = (changes: Record<string, Uint8Array>) =>
      expect(readIdxFolder(memoryFolder({ ...files, ...changes }))).rejects;
    await expect(readIdxFolder(memoryFolder({ readme: 'x' }))).rejects.toThrow(
      'train-images-idx3-ubyte: is missing, with or without .gz',
    );
    await refused({ 't10k-images-idx3-ubyte': images }).toThrow('t10k-labels-idx1-ubyte: is missing');
    const one = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 7);
    await refused({ 'train-labels.idx1-ubyte': one }).toThrow(
      'train-labels.idx1-ubyte: has 1 labels for the 2 images of train-images-idx3-ubyte',
    );
    await refused({ 'train-images-idx3-ubyte': one }).toThrow('wants bytes on 3 axes, got a Uint8Array on 1');
    const tall = images.with(11, 3).with(15, 1);
    await refused({ 't10k-images-idx3-ubyte': tall, 't10k-labels-idx1-ubyte': labels }).toThrow(
      't10k-images-idx3-ubyte: wants images of one size, got 1×3×1 after 1×1×3',
    );
    await refused({ 'other-train-images-idx3-ubyte': images }).toThrow('could be meant as well as');
    // A packed copy beside the plain file is not read.
    expect(
      (await readIdxFolder(memoryFolder({ ...files, 'train-images-idx3-ubyte.gz': 'no gzip' }))).train.rows,
    ).toBe(2);
  });
});

/** A record: its labels, then planes that are all red, green or blue in the given strength. */
function record(given: readonly number[], colours: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(given.length + 3072);
  bytes.set(given);
  for (const [plane, value] of colours.entries())
    bytes.fill(value, given.length + 1024 * plane, given.length + 1024 * (plane + 1));
  return bytes;
}
const joined = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

describe('CIFAR', () => {
  test('ten classes: batches in order, names if they are there', async () => {
    const files = {
      'data_batch_1.bin': joined(record([3], [1, 2, 3]), record([0], [4, 5, 6])),
      'data_batch_10.bin': record([9], [7, 8, 9]),
      'data_batch_2.bin': record([5], [10, 11, 12]),
      'test_batch.bin': record([1], [13, 14, 15]),
    };
    const { train, test: part } = await readCifar10(memoryFolder(files));
    expect(train).toMatchObject({ rows: 4, channels: 3, height: 32, width: 32 });
    expect([...train.labels]).toEqual([3, 0, 5, 9]);
    expect([0, 1024, 2048, 3072].map((at) => train.pixels[at])).toEqual([1, 2, 3, 4]);
    expect(part!.pixels.at(-1)).toBe(15);
    expect(train.classes).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    const inner = Object.fromEntries(
      Object.entries(files).map(([name, bytes]) => [`cifar-10-batches-bin/${name}`, bytes]),
    );
    const names = 'airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n';
    const named = await readCifar10(
      memoryFolder({ ...inner, 'cifar-10-batches-bin/batches.meta.txt': names }),
    );
    expect(named.train.classes[named.train.labels[0]!]).toBe('cat');
    expect(named.test!.classes).toBe(named.train.classes);
  });

  test('a hundred classes, and the twenty above them', async () => {
    const files = { 'train.bin': joined(record([4, 99], [1, 1, 1]), record([19, 0], [2, 2, 2])) };
    const fine = await readCifar100(memoryFolder(files));
    expect([...fine.train.labels]).toEqual([99, 0]);
    expect([fine.train.classes.length, fine.test]).toEqual([100, undefined]);
    const coarse = await readCifar100(memoryFolder(files), { labels: 'coarse' });
    expect([...coarse.train.labels]).toEqual([4, 19]);
    expect(coarse.train.classes).toHaveLength(20);
    expect(readCifar(files['train.bin'], 100)).toMatchObject({ rows: 2, coarse: Uint16Array.of(4, 19) });
  });

  test('what is wrong has a byte or a file', async () => {
    const good = record([3], [1, 2, 3]);
    const refusal = (bytes: Uint8Array, classes: 10 | 100 = 10) => {
      expect(() => readCifar(bytes, classes, { where: 'x' })).toThrow(FileError);
      return expect(() => readCifar(bytes, classes, { where: 'x' }));
    };
    refusal(joined(good, good).subarray(0, 4000)).toThrow(
      'x, byte 3073: ends within a record: 4000 bytes are no multiple of 3073',
    );
    refusal(new Uint8Array()).toThrow('x, byte 0: ends within a record');
    refusal(joined(good, record([10], [0]))).toThrow('x, byte 3073: label 10 of record 1; wants 0 to 9');
    refusal(record([20, 5], [0]), 100).toThrow('x, byte 0: label 20 of record 0; wants 0 to 19');
    refusal(record([2, 100], [0]), 100).toThrow('x, byte 1: label 100 of record 0; wants 0 to 99');
    await expect(readCifar10(memoryFolder({ readme: 'x' }))).rejects.toThrow('data_batch_1.bin: is missing');
    await expect(readCifar100(memoryFolder({ readme: 'x' }))).rejects.toThrow('train.bin: is missing');
    await expect(
      readCifar10(memoryFolder({ 'data_batch_1.bin': good, 'batches.meta.txt': 'cat\ndog' })),
    ).rejects.toThrow('batches.meta.txt: names 2 classes; wants 10, a line each');
  });
});

const png = (channels: number, data: number[], width = 2) =>
  encode({ width, height: data.length / channels / width, channels, data: Uint8Array.from(data) });

test('PNGs as planes of colours: colour, grey, palette', () => {
  expect(decodeRgbPng(png(3, [1, 2, 3, 4, 5, 6]))).toEqual({
    width: 2,
    height: 1,
    values: Uint8Array.of(1, 4, 2, 5, 3, 6),
  });
  expect([...decodeRgbPng(png(1, [7, 8])).values]).toEqual([7, 8, 7, 8, 7, 8]);
  const palette = [
    [255, 0, 9],
    [10, 20, 30],
  ];
  const image = encode({ width: 2, height: 1, data: Uint8Array.of(1, 0), channels: 1, depth: 8, palette });
  expect([...decodeRgbPng(image).values]).toEqual([10, 255, 20, 0, 30, 9]);
  expect(() => decodeRgbPng(png(4, [1, 2, 3, 4], 1))).toThrow('transparent pixels');
  expect(() => decodeRgbPng(new Uint8Array(3), { where: 'x.png' })).toThrow('x.png, byte 0: this is no PNG');
});

describe('folders of images by class', () => {
  const files = {
    'train/bird/b.png': png(3, [9, 9, 9, 9, 9, 9]),
    'train/cat/a.png': png(3, [1, 2, 3, 4, 5, 6]),
    'train/cat/z.png': png(3, [7, 7, 7, 8, 8, 8]),
    'train/README': 'no folder',
    'train/cat/.DS_Store': 'x',
    'valid/cat/v.png': png(3, [5, 5, 5, 5, 5, 5]),
    'test/bird/t.png': png(3, [3, 3, 3, 3, 3, 3]),
  };
  const read = (changes: Record<string, Uint8Array | string> = {}, options = {}) =>
    readImageFolder(memoryFolder({ ...files, ...changes }), { decode: decodeRgbPng, ...options });

  test('the layout of CINIC-10, and classes alone', async () => {
    const { train, valid, test: part } = await read();
    expect(train).toMatchObject({ rows: 3, channels: 3, height: 1, width: 2, classes: ['bird', 'cat'] });
    expect([...train.labels]).toEqual([0, 1, 1]);
    expect([...train.pixels.slice(6, 12)]).toEqual([1, 4, 2, 5, 3, 6]);
    expect([[...valid!.labels], [...part!.labels]]).toEqual([[1], [0]]);
    const alone = await readImageFolder(
      memoryFolder({ 'b/1.png': png(1, [1, 2]), 'a/1.PNG': png(1, [3, 4]) }),
      { decode: decodeGreyPng },
    );
    expect(alone).toEqual({
      train: {
        ...{ rows: 2, channels: 1, height: 1, width: 2, classes: ['a', 'b'] },
        pixels: Uint8Array.of(3, 4, 1, 2),
        labels: Uint16Array.of(0, 1),
      },
    });
  });

  test('sizes: one, or as asked for', async () => {
    const wide = png(3, Array<number>(12).fill(8), 4);
    await expect(read({ 'train/cat/b.png': wide })).rejects.toThrow(
      'train/cat/b.png: wants images of one size, got 3×1×4 after 3×1×2; see size',
    );
    await expect(read({ 'test/bird/t.png': wide })).rejects.toThrow('test: wants images of one size');
    const { train } = await read({ 'train/cat/b.png': wide }, { size: { width: 1, height: 1 } });
    expect(train).toMatchObject({ rows: 4, channels: 3, height: 1, width: 1 });
    expect([...train.pixels.slice(0, 9)]).toEqual([9, 9, 9, 3, 4, 5, 8, 8, 8]);
  });

  test('what is wrong has a path, and may be passed over', async () => {
    const broken = { 'train/cat/b.png': 'no PNG' };
    await expect(read(broken)).rejects.toThrow('train/cat/b.png, byte 0: this is no PNG');
    const skipped: string[] = [];
    const { train } = await read(broken, {
      skipBad: true,
      onSkip: ({ where }: { where: string }) => skipped.push(where),
    });
    expect([train.rows, train.pixels.length, skipped]).toEqual([3, 18, ['train/cat/b.png']]);
    await expect(read({ 'train/cat/photo.jpg': 'x' })).rejects.toThrow('train/cat/photo.jpg: is no PNG');
    await expect(read({ 'train/dog/readme.txt': 'x' })).rejects.toThrow('train/dog: holds no image .png');
    await expect(read({ 'test/dog/a.png': png(3, [1, 1, 1, 1, 1, 1]) })).rejects.toThrow(
      'test/dog: is a class that train has not',
    );
    await expect(readImageFolder(memoryFolder({ 'a.png': 'x' }), { decode: decodeRgbPng })).rejects.toThrow(
      '.: holds no folder',
    );
  });
});

test('damaged files are read, or refused in one line with the place', async () => {
  let refused = 0;
  for (let seed = 1; seed <= 300; seed++) {
    const below = () => randomBelow(seed);
    for (const read of [
      async () => readIdx(damagedIdx(below()), { where: 'x' }),
      async () => readIdx(damagedIdxPacked(below()), { where: 'x', maxBytes: 2 ** 24 }),
      async () => readCifar(damagedCifar10(below()), 10, { where: 'x' }),
      async () => readCifar(damagedCifar100(below()), 100, { where: 'x' }),
    ])
      try {
        await read();
      } catch (error) {
        refused++;
        expect(error, `seed ${seed}`).toBeInstanceOf(FileError);
        expect((error as Error).message).toMatch(/^x, byte \d+.*: .+$/);
      }
  }
  expect(refused).toBeGreaterThan(300);
});
