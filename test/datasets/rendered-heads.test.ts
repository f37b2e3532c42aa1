/** Rendered heads: the same pixels everywhere, and the nose where the yaw says. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { RandomSource } from '../../datasets/dataset.ts';
import { renderedHeads } from '../../datasets/images/rendered-heads.ts';
import { uniformValues } from '../../engine/random.ts';

const random: RandomSource = {
  uniform: (count, call) => uniformValues(count, { seed: 1, call }),
  normal: () => Promise.reject(new Error('not needed')),
};

test('pixels are what they were, to the last bit; one of many is one alone', () => {
  const heads = renderedHeads(random, { subjects: 2, shots: [0, 4], height: 18, width: 24 });
  expect(heads.rows).toBe(2 * 13 * 2);
  expect(createHash('sha256').update(heads.pixels).digest('hex').slice(0, 16)).toMatchInlineSnapshot(
    `"0a64ff2a35993d2d"`,
  );
  const one = renderedHeads(random, { firstSubject: 1, subjects: 1, shots: [0, 4], height: 18, width: 24 });
  expect(one.pixels).toEqual(heads.pixels.slice(-one.pixels.length));
  expect(one.subject.every((subject) => subject === 1)).toBe(true);
});

test('every camera and flash of each subject, in order', () => {
  const { yaw, camera, shot, subject } = renderedHeads(random, {
    subjects: 2,
    yaws: [-30, 45],
    shots: [0, 7, 19],
    height: 6,
    width: 8,
  });
  expect([...yaw.map((angle) => Math.round((angle * 180) / Math.PI)).slice(0, 6)]).toEqual([
    -30, -30, -30, 45, 45, 45,
  ]);
  expect([...camera.slice(0, 6)]).toEqual([0, 0, 0, 1, 1, 1]);
  expect([...shot.slice(0, 6)]).toEqual([0, 1, 2, 0, 1, 2]);
  expect([...subject]).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]);
});

test('flashes from the left and from the right light other halves', () => {
  // The background's greys differ, so the middle of the picture alone is looked at.
  const { pixels, rows, width, height } = renderedHeads(random, { subjects: 10, yaws: [0], shots: [1, 18] });
  const halves = Array.from({ length: rows }, (_, row) => {
    let [left, right] = [0, 0];
    for (let y = 12; y < 24; y++)
      for (let x = 20; x < 28; x++) {
        const grey = pixels[(row * height + y) * width + x]!;
        if (x < 24) left += grey;
        else right += grey;
      }
    return left - right;
  });
  const sum = (shot: number) =>
    halves.reduce((total, half, row) => (row % 2 === shot ? total + half : total), 0);
  expect(sum(0)).toBeGreaterThan(0);
  expect(sum(1)).toBeLessThan(0);
});

test('what cannot be is an error', () => {
  expect(() => renderedHeads(random, { subjects: 0 })).toThrow('renderedHeads: subjects must be an integer');
  expect(() => renderedHeads(random, { yaws: [100] })).toThrow('yaws must lie in [-90, 90] degrees, got 100');
  expect(() => renderedHeads(random, { shots: [20] })).toThrow('shots are integers from 0 to 19, got 20');
});
