/** PNGs as grey bytes, cutting and resizing, and Multi-PIE's folders. */
import { encode, type ImageData } from 'fast-png';
import { expect, test } from 'vitest';
import { DatasetError } from '../../datasets/dataset-error.ts';
import { crop, resize } from '../../datasets/images/grey-image.ts';
import {
  multipie,
  type MultipieImage,
  type MultipieOptions,
  multipieYaw,
} from '../../datasets/images/multipie.ts';
import { decodeGreyPng, PngError } from '../../datasets/png.ts';
import { memoryFolder } from '../memory-folder.ts';

const grey = (image: ImageData) => [...decodeGreyPng(encode(image)).values];

test('grey, colour and palette of all depths', () => {
  const size = { width: 3, height: 1 };
  expect(grey({ ...size, data: Uint8Array.of(0, 128, 255), channels: 1 })).toEqual([0, 128, 255]);
  expect(grey({ ...size, data: Uint16Array.of(0, 0x8080, 0xffff), channels: 1, depth: 16 })).toEqual([
    0, 128, 255,
  ]);
  const rgb = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255);
  expect(grey({ ...size, data: rgb, channels: 3 })).toEqual([76, 150, 29]);
  const rgb16 = Uint16Array.from(rgb, (value) => value * 257);
  expect(grey({ ...size, data: rgb16, channels: 3, depth: 16 })).toEqual([76, 150, 29]);
  expect(grey({ ...size, data: Uint8Array.of(7, 255, 9, 255, 8, 255), channels: 2 })).toEqual([7, 9, 8]);
  const palette = [
    [255, 0, 0],
    [10, 10, 10],
  ];
  // Two pixels are in a byte of depth 4; three of depth 1 are in the upper bits.
  expect(grey({ ...size, data: Uint8Array.of(0x01, 0x10), channels: 1, depth: 4, palette })).toEqual([
    76, 10, 10,
  ]);
  expect(grey({ ...size, data: Uint8Array.of(1, 0, 1), channels: 1, depth: 8, palette })).toEqual([
    10, 76, 10,
  ]);
  expect(grey({ ...size, data: Uint8Array.of(0b1010_0000), channels: 1, depth: 1 })).toEqual([255, 0, 255]);
  expect(grey({ ...size, data: Uint8Array.of(0b1101_1000), channels: 1, depth: 2 })).toEqual([255, 85, 170]);
});

test('what is no opaque PNG is refused', () => {
  const refusal = (bytes: Uint8Array, options = {}) => {
    try {
      decodeGreyPng(bytes, { where: 'x.png', ...options });
    } catch (error) {
      expect(error).toBeInstanceOf(PngError);
      return (error as PngError).problem;
    }
    throw new Error('nothing was refused');
  };
  const image = { width: 2, height: 2, channels: 1, data: Uint8Array.of(1, 2, 3, 4) };
  const bytes = encode(image);
  expect(refusal(new Uint8Array(50))).toContain('no PNG');
  expect(refusal(bytes.subarray(0, bytes.length - 20))).toContain('damaged');
  const flipped = bytes.slice();
  flipped[45]! ^= 4;
  expect(refusal(flipped)).toContain('damaged');
  expect(refusal(bytes, { maxPixels: 3 })).toContain('2×2 pixels are over 3');
  const alpha = encode({ width: 1, height: 1, channels: 4, data: Uint8Array.of(1, 2, 3, 4) });
  expect(refusal(alpha)).toContain('transparent pixels');
});

test('crop and resize', () => {
  const image = { width: 4, height: 2, values: Uint8Array.of(0, 10, 20, 30, 40, 50, 60, 70) };
  const box = { left: 1, top: 0, width: 2, height: 2 };
  expect(crop(image, box)).toEqual({ width: 2, height: 2, values: Uint8Array.of(10, 20, 50, 60) });
  expect(() => crop(image, { ...box, left: 3 })).toThrow(
    'wants a box inside of 4×2 pixels, got 2×2 at (3, 0)',
  );
  expect(resize(image, { width: 2, height: 1 }).values).toEqual(Uint8Array.of(25, 45));
  expect(resize(image, { width: 4, height: 2 })).toEqual(image);
  // Thirds: two and a third pixels of the first row, and so on.
  expect(
    resize({ width: 3, height: 1, values: Uint8Array.of(0, 90, 30) }, { width: 2, height: 1 }).values,
  ).toEqual(Uint8Array.of(30, 50));
  expect(resize({ width: 1, height: 1, values: Uint8Array.of(9) }, { width: 2, height: 2 }).values).toEqual(
    Uint8Array.of(9, 9, 9, 9),
  );
});

const png = (value: number) =>
  encode({ width: 4, height: 4, channels: 1, data: new Uint8Array(16).fill(value) });
const files = {
  'session01/multiview/001/01/05_1/001_01_01_051_06.png': png(1),
  'session01/multiview/001/01/05_1/001_01_01_051_07.png': png(2),
  'session01/multiview/001/01/05_1/Thumbs.db': 'x',
  'session01/multiview/001/01/11_0/001_01_01_110_06.png': png(3),
  'session01/multiview/001/01/08_1/001_01_01_081_06.png': png(9),
  'session03/multiview/346/02/24_0/346_03_02_240_00.png': png(4),
};

async function read(options: Partial<MultipieOptions> = {}, changed = {}): Promise<MultipieImage[]> {
  const images: MultipieImage[] = [];
  const folder = memoryFolder({ ...files, ...changed });
  for await (const image of multipie(folder, { decode: decodeGreyPng, ...options })) images.push(image);
  return images;
}

test('Multi-PIE: who, when, which camera and flash', async () => {
  const images = await read();
  const found = images.map((each) => [
    each.session,
    each.subject,
    each.recording,
    each.camera,
    each.shot,
    each.yaw,
    each.image.values[0],
  ]);
  expect(found).toEqual([
    [1, 1, 1, '11_0', 6, -90, 3],
    [1, 1, 1, '05_1', 6, 0, 1],
    [1, 1, 1, '05_1', 7, 0, 2],
    [3, 346, 2, '24_0', 0, 90, 4],
  ]);
  expect((await read({ shots: [6], sessions: [1] })).length).toBe(2);
  expect((await read({ cameras: ['24_0'] })).map(({ subject }) => subject)).toEqual([346]);
  const [small] = await read({
    crop: { left: 1, top: 1, width: 2, height: 2 },
    size: { width: 1, height: 1 },
  });
  expect(small!.image).toEqual({ width: 1, height: 1, values: Uint8Array.of(3) });
  expect(Object.values(multipieYaw)).toEqual(Array.from({ length: 13 }, (_, i) => 15 * i - 90));
});

test('Multi-PIE: what is wrong has a path, and may be passed over', async () => {
  const wrong = 'session01/multiview/001/01/05_0/002_01_01_050_06.png';
  await expect(read({}, { [wrong]: png(5) })).rejects.toThrow(
    `${wrong}: the folder wants the name 001_01_01_050_NN.png`,
  );
  const broken = 'session01/multiview/001/01/05_0/001_01_01_050_06.png';
  await expect(read({}, { [broken]: 'no PNG at all' })).rejects.toThrow(`${broken}, byte 0: this is no PNG`);
  const skipped: string[] = [];
  const images = await read({ skipBad: true, onSkip: ({ where }) => skipped.push(where) }, { [broken]: 'x' });
  expect({ count: images.length, skipped }).toEqual({ count: 4, skipped: [broken] });
  await expect(read({ crop: { left: 3, top: 0, width: 2, height: 2 } })).rejects.toThrow(DatasetError);
  await expect(read({ cameras: ['08_1'] })).rejects.toThrow("no yaw is known of camera '08_1'");
  await expect(read({ subjects: [5] })).rejects.toThrow('no image is there that was asked for');
});
