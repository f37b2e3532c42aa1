/** Rendered eyes: the same pixels everywhere, the gaze that they say, and label errors as asked for. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { angularErrors } from '../../datasets/images/gaze.ts';
import type { RandomSource } from '../../datasets/dataset.ts';
import {
  type RenderedEyes,
  renderedEyes,
  type RenderedEyesOptions,
} from '../../datasets/images/rendered-eyes.ts';
import { uniformValues } from '../../engine/random.ts';

const random = (seed: number): RandomSource => ({
  uniform: (count, call) => uniformValues(count, { seed, call }),
  normal: () => Promise.reject(new Error('not needed')),
});

const make = (options: RenderedEyesOptions = {}, seed = 1) =>
  renderedEyes(random(seed), { persons: 3, patchesPerPerson: 8, height: 18, width: 30, ...options });

const patch = ({ pixels, height, width }: RenderedEyes, row: number) =>
  pixels.subarray(row * height * width, (row + 1) * height * width);

test('pixels are what they were, to the last bit', () => {
  const { pixels, gaze } = make();
  expect(createHash('sha256').update(pixels).digest('hex').slice(0, 16)).toMatchInlineSnapshot(
    `"3e90b8b42b64f296"`,
  );
  expect([...gaze.slice(0, 2)]).toMatchInlineSnapshot(`
    [
      -0.291684627532959,
      -0.2691144347190857,
    ]
  `);
  expect(make({}, 2).pixels).not.toEqual(pixels);
});

test('a person looks the same whoever else is there', () => {
  const [all, one] = [make(), make({ firstPerson: 2, persons: 1 })];
  expect(one.pixels).toEqual(all.pixels.slice(-one.pixels.length));
  expect(one.gaze).toEqual(all.gaze.slice(-one.gaze.length));
  expect([...one.person]).toEqual(new Array(8).fill(2));
});

test('labels lie in the ranges, and without errors they are the truth', () => {
  const { gaze, trueGaze, outlier } = make({ patchesPerPerson: 50, gazePitch: [-10, -5], gazeYaw: [0, 15] });
  expect(gaze).toEqual(trueGaze);
  expect(outlier.some(Boolean)).toBe(false);
  const degrees = gaze.map((angle) => (angle * 180) / Math.PI);
  for (let i = 0; i < degrees.length; i += 2) {
    expect(degrees[i]! >= -10 && degrees[i]! <= -5).toBe(true);
    expect(degrees[i + 1]! >= 0 && degrees[i + 1]! <= 15).toBe(true);
  }
});

test('the iris is where the eye looks: its darkness moves with the gaze', () => {
  const { rows, head, ...rest } = make({ persons: 20, patchesPerPerson: 20, equalised: false });
  const { height, width, trueGaze } = rest;
  let [covariance, variance] = [0, 0];
  for (let row = 0; row < rows; row++) {
    const pixels = patch({ rows, head, ...rest }, row);
    let [dark, moment] = [0, 0];
    for (let y = 6; y < 13; y++)
      for (let x = 5; x < width - 5; x++) {
        const darkness = Math.max(0, 60 - pixels[y * width + x]!) ** 2;
        dark += darkness;
        moment += darkness * (x + 0.5 - width / 2);
      }
    if (dark === 0) continue;
    covariance += (moment / dark) * trueGaze[2 * row + 1]!;
    variance += trueGaze[2 * row + 1]! ** 2;
  }
  expect(height).toBe(18);
  // Positive yaw is to the left; an eye of 12 mm moves 12 mm a radian, a pixel here has 1.25 mm.
  expect(covariance / variance).toBeLessThan(-2);
});

test('annotation errors have the size asked for, in both directions, and leave the pixels alone', () => {
  const [clean, off] = [make({ patchesPerPerson: 200 }), make({ patchesPerPerson: 200, annotationError: 3 })];
  expect(Buffer.compare(off.pixels, clean.pixels)).toBe(0);
  expect(off.trueGaze).toEqual(clean.gaze);
  const errors = angularErrors(off.gaze, off.trueGaze);
  // The mean of a Rayleigh distribution is 3 √(π/2); its deviation 3 √(2 - π/2), five of them over √600.
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  expect(Math.abs(mean - 3 * Math.sqrt(Math.PI / 2))).toBeLessThan(
    (5 * 3 * Math.sqrt(2 - Math.PI / 2)) / Math.sqrt(600),
  );
});

test('gross outliers are marked, and as many as asked for', () => {
  const { outlier, gaze, trueGaze } = make({ patchesPerPerson: 200, outlierShare: 0.2 });
  const count = outlier.reduce((sum, is) => sum + is, 0);
  expect(Math.abs(count / 600 - 0.2)).toBeLessThan(5 * Math.sqrt((0.2 * 0.8) / 600));
  const errors = angularErrors(gaze, trueGaze);
  for (const [row, error] of errors.entries()) expect(error > 0).toBe(outlier[row] === 1);
});

test('a right eye as seen is the mirror image, with its yaws turned', () => {
  const [mirrored, seen] = [make(), make({ rightEyes: 'seen' })];
  for (let row = 0; row < mirrored.rows; row++) {
    expect(seen.right[row]).toBe(row % 2);
    const turn = row % 2 === 1 ? -1 : 1;
    expect(seen.gaze[2 * row + 1]).toBe(turn * mirrored.gaze[2 * row + 1]!);
    expect(seen.head[2 * row + 1]).toBe(turn * mirrored.head[2 * row + 1]!);
    expect(seen.gaze[2 * row]).toBe(mirrored.gaze[2 * row]);
    const line = (eyes: RenderedEyes) => [...patch(eyes, row).subarray(9 * 30, 10 * 30)];
    expect(line(seen)).toEqual(turn === 1 ? line(mirrored) : line(mirrored).toReversed());
  }
});

test('what cannot be is an error that says what can', () => {
  expect(() => make({ persons: 0 })).toThrow('renderedEyes: persons must be an integer of at least 1, got 0');
  expect(() => make({ firstPerson: -1 })).toThrow('persons have numbers from 0 to 65535, got -1');
  expect(() => make({ outlierShare: 1.5 })).toThrow('outlierShare must lie in [0, 1], got 1.5');
  expect(() => make({ annotationError: -1 })).toThrow('annotationError must lie in [0, 30] degrees');
});
