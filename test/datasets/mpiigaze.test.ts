/** MPIIGaze in its own layout: days of three photographs and of one, lists, mirroring, what is wrong with a file. */
import { expect, test } from 'vitest';
import { DatasetError } from '../../datasets/dataset-error.ts';
import { collectEyes } from '../../datasets/images/eyes.ts';
import { gazeAngles, headAngles } from '../../datasets/images/gaze.ts';
import { MatError } from '../../datasets/mat/mat-error.ts';
import {
  mpiigaze,
  type MpiigazeDay,
  type MpiigazeOptions,
  parseEyeList,
} from '../../datasets/images/mpiigaze.ts';
import { readEyeDay } from '../../datasets/images/mpiigaze-day.ts';
import { matFixture } from '../fuzz/damaged-mat.ts';
import { memoryFolder } from '../memory-folder.ts';

const lists = 'Evaluation Subset/sample list for eye image';
const files = {
  'Data/Normalized/p00/day01.mat': matFixture('scipy-day-3.mat'),
  'Data/Normalized/p00/day02.mat': matFixture('scipy-day-1.mat'),
  'Data/Normalized/p03/day01.mat': matFixture('scipy-day-1.mat'),
  [`${lists}/p00.txt`]: 'day01/0003.jpg left\nday02/0001.jpg right\nday01/0001.jpg right\n',
  [`${lists}/p03.txt`]: 'day01/0001.jpg left\r\n',
};

async function read(options?: MpiigazeOptions, changed: Record<string, Uint8Array | string> = {}) {
  const days: MpiigazeDay[] = [];
  for await (const day of mpiigaze(memoryFolder({ ...files, ...changed }), options)) days.push(day);
  return days;
}

/** Pixel (row, column) of an image of the fixtures. */
function pixel(image: number, row: number, column: number, side: 'left' | 'right') {
  return ((image * 2160 + row * 60 + column) * 7 + (side === 'left' ? 1 : 250)) % 251;
}

test('the evaluation subset: chosen eyes, right ones mirrored', async () => {
  const progress: string[] = [];
  const days = await read({
    onProgress: ({ done, total, skipped }) => progress.push(`${done}/${total}/${skipped}`),
  });
  expect(days.map(({ person, day, count }) => [person, day, count])).toEqual([
    ['p00', 'day01', 2],
    ['p00', 'day02', 1],
    ['p03', 'day01', 1],
  ]);
  expect(progress).toEqual(['1/3/0', '2/3/0', '3/3/0']);
  const [first] = days;
  for (let row = 0; row < 36; row += 5) {
    for (let column = 0; column < 60; column++) {
      expect(first!.images[row * 60 + column]).toBe(pixel(2, row, column, 'left'));
      expect(first!.images[2160 + row * 60 + column]).toBe(pixel(0, row, 59 - column, 'right'));
    }
  }
  const [left, right] = [gazeAngles([0.6, 0, -0.8]), gazeAngles([-0.6, 0, -0.8])];
  const [headLeft, headRight] = [headAngles([0.1, -0.2, 0.3]), headAngles([0.1, 0.2, 0.3])];
  expect(first!.gaze).toEqual(Float32Array.of(left[0], left[1], right[0], -right[1]));
  expect(first!.pose).toEqual(Float32Array.of(headLeft[0], headLeft[1], headRight[0], -headRight[1]));

  const samples = await collectEyes(days);
  expect(samples).toMatchObject({ count: 4, people: ['p00', 'p03'], subjects: Uint16Array.of(0, 0, 0, 1) });
  expect(samples.images.subarray(2160, 4320)).toEqual(first!.images.subarray(2160));
  expect(samples.gaze.subarray(0, 4)).toEqual(first!.gaze);
});

test('every eye of one person', async () => {
  const days = await read({ subset: 'all', people: ['p00'] });
  expect(days.map(({ count }) => count)).toEqual([6, 2]);
});

test('days of one photograph, squeezed or not, are read alike', async () => {
  const whole = await readEyeDay(matFixture('scipy-day-1.mat'), 'whole');
  const squeezed = await readEyeDay(matFixture('octave-day-squeezed.mat'), 'squeezed');
  expect(squeezed).toEqual(whole);
});

test('one bad file ends it with its name, or is counted', async () => {
  const path = 'Data/Normalized/p00/day01.mat';
  const bad = { [path]: matFixture('scipy-day-3.mat').subarray(0, 900) };
  const error: unknown = await read({}, bad).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(MatError);
  expect((error as MatError).message).toContain(`${path}, byte 128`);
  const skipped: string[] = [];
  let count = 0;
  const days = await read(
    {
      skipBad: true,
      onSkip: ({ where }) => skipped.push(where),
      onProgress: (progress) => (count = progress.skipped),
    },
    bad,
  );
  expect({ days: days.length, skipped, count }).toEqual({ days: 2, skipped: [path], count: 1 });
});

test('what a day and a list must hold', async () => {
  const path = 'Data/Normalized/p00/day01.mat';
  const refused = async (changed: Record<string, Uint8Array | string>) =>
    ((await read({}, changed).catch((reason: unknown) => reason)) as Error).message;
  expect(await refused({ [path]: matFixture('octave-v7.mat') })).toContain('no variable "data"');
  expect(await refused({ [path]: matFixture('octave-day-wrong.mat') })).toBe(
    `${path}: data.left.image wants uint8 [2×36×60], got uint8 [2×60×36]`,
  );
  expect(await refused({ [path]: matFixture('octave-day-long.mat') })).toBe(
    `${path}: data.right.gaze, row 2: wants a unit vector, got length 2.0000`,
  );
  const list = `${lists}/p00.txt`;
  expect(await refused({ [list]: 'day01/0009.jpg left' })).toBe(
    `${list}: line 1: day01.mat has no photograph '0009.jpg'`,
  );
  expect(await refused({ [list]: 'day09/0001.jpg left' })).toContain('p00/day09.mat: cannot be read');
  expect(await refused({ [list]: 'day01/0001.jpg left\nday01 0001 both' })).toContain(
    "line 2: wants 'dayNN/NNNN.jpg left' or right, got 'day01 0001 both'",
  );
  expect(() => parseEyeList('\n\n', 'list')).toThrow(DatasetError);
  const stop = new AbortController();
  stop.abort(new Error('enough'));
  await expect(read({ signal: stop.signal })).rejects.toThrow('enough');
});
