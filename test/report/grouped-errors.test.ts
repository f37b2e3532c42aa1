/** Errors by person and by angle: means by hand, bins that are round, rows that are all counted. */

import { expect, test } from 'vitest';
import { errorsByAngle, errorsByPerson } from '../../report/grouped-errors.ts';
import type { SeedResult } from '../../study/results.ts';
import { eyesConfig, fakeImageSeed } from '../fake-images.ts';

/** A seed with these test rows: person, pitch, yaw, and the error of the method 'tor'. */
function seedOf(people: string[], rows: readonly (readonly [number, number, number, number])[]): SeedResult {
  const fake = fakeImageSeed(eyesConfig, 0, { persons: 1, each: 1, width: 10, height: 6 });
  const tor = fake.results.find(({ method }) => method === 'tor')!;
  return {
    ...fake,
    results: [{ ...tor, angularErrors: Float64Array.from(rows, ([, , , error]) => error) }],
    images: {
      ...fake.images!,
      people,
      test: { person: rows.map(([person]) => person), truth: rows.flatMap(([, pitch, yaw]) => [pitch, yaw]) },
    },
  };
}

const seeds = [
  seedOf(
    ['a', 'b'],
    [
      [0, -4, 12, 1],
      [0, -3, -12, 2],
      [1, 3, 12, 6],
    ],
  ),
  seedOf(
    ['b', 'a'],
    [
      [0, 4, 14, 8],
      [1, 4, -11, NaN],
    ],
  ),
];

const plain = (groups: ReturnType<typeof errorsByPerson>) =>
  groups.map(({ key, rows, means }) => [key, rows, means.get('tor')]);

test('persons are known by name over all seeds, the hardest first', () => {
  expect(plain(errorsByPerson(seeds))).toEqual([
    ['b', 2, 7],
    ['a', 3, 1.5],
  ]);
  expect(errorsByPerson([])).toEqual([]);
});

test('persons that are made anew for each seed are kept apart', () => {
  const second = { ...seeds[1]!, seed: 1 };
  expect(plain(errorsByPerson([seeds[0]!, second], { areOfSeeds: true }))).toEqual([
    ['1: b', 1, 8],
    ['0: b', 1, 6],
    ['0: a', 2, 1.5],
    ['1: a', 1, undefined],
  ]);
});

test('bins are round, in order, and hold every row', () => {
  const groups = errorsByAngle(seeds, { target: 1, targets: 2 });
  expect(groups.map(({ key, rows }) => [key.low, key.high, rows])).toEqual([
    [-15, -10, 2],
    [10, 15, 3],
  ]);
  expect(groups.map(({ means }) => means.get('tor'))).toEqual([2, 5]);
});

test('a few values that repeat are a bin each', () => {
  const rows = Array.from({ length: 40 }, (_, i) => [0, 0, 15 * (i % 5) - 30 + 1e-6, i % 5] as const);
  const groups = errorsByAngle([seedOf(['a'], rows)], { target: 1, targets: 2 });
  expect(groups.map(({ key, means }) => [key.low, key.high, means.get('tor')])).toEqual([
    [-30, -30, 0],
    [-15, -15, 1],
    [0, 0, 2],
    [15, 15, 3],
    [30, 30, 4],
  ]);
});

test.each([1, 15, 100])('%i persons: rows add up, and a mean of means is the mean', (persons) => {
  const seed = fakeImageSeed(eyesConfig, 3, { persons, each: 4, width: 10, height: 6 });
  const byPerson = errorsByPerson([seed]);
  const byAngle = errorsByAngle([seed], { target: 0, targets: 2 });
  expect(byPerson).toHaveLength(persons);
  expect(byAngle.length).toBeLessThanOrEqual(13);
  const { angularError } = seed.results.find(({ method }) => method === 'scratch')!;
  for (const groups of [byPerson, byAngle]) {
    const total = groups.reduce((sum, { rows }) => sum + rows, 0);
    expect(total).toBe(4 * persons);
    const sum = groups.reduce((all, { rows, means }) => all + rows * means.get('scratch')!, 0);
    expect(sum / total).toBeCloseTo(angularError!, 10);
  }
});
