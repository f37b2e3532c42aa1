/** Splits of rows: nothing is lost or in both parts, groups stay whole, and a student's share is a part of its teacher's. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  groupSplit,
  randomSplit,
  splitRows,
  trainSubset,
  validationRows,
  validationSplit,
} from '../../datasets/row-splits.ts';
import { uniformValues } from '../../engine/random.ts';

const random = (seed: number) => ({
  uniform: (count: number, call: number) => uniformValues(count, { seed, call }),
});

const seeds = fc.nat(1000);
const shares = fc.double({ min: 0.01, max: 0.99, noNaN: true });

test('rows at random: each in one part', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 60 }), shares, seeds, (rows, testShare, seed) => {
      const { train, test: held } = randomSplit(rows, { random: random(seed), testShare });
      expect({ trainRows: train.length, testRows: held.length }).toEqual(splitRows(rows, testShare));
      expect([...train, ...held].toSorted((a, b) => a - b)).toEqual([...Array(rows).keys()]);
    }),
  );
});

test('groups stay whole, and the test part is as near to its share as the last group allows', () => {
  const groups = fc
    .array(fc.nat(9), { minLength: 2, maxLength: 60 })
    .filter((list) => new Set(list).size > 1);
  fc.assert(
    fc.property(groups, shares, seeds, (list, testShare, seed) => {
      const { train, test: held } = groupSplit(list, { random: random(seed), testShare });
      expect([...train, ...held].toSorted((a, b) => a - b)).toEqual([...list.keys()]);
      expect([...train]).toEqual([...train].toSorted((a, b) => a - b));
      const heldGroups = new Set(Array.from(held, (row) => list[row]));
      expect([...train].filter((row) => heldGroups.has(list[row]))).toEqual([]);
      const largest = Math.max(...Array.from({ length: 10 }, (_, g) => list.filter((x) => x === g).length));
      expect(Math.abs(held.length - testShare * list.length)).toBeLessThanOrEqual(largest);
    }),
  );
});

test('every group is held out by some seed, also where one is larger than the share', () => {
  const groups = ['a', 'a', 'a', 'a', 'b', 'c', 'c', 'd'];
  const held = Array.from({ length: 40 }, (_, seed) =>
    Array.from(groupSplit(groups, { random: random(seed), testShare: 0.25 }).test, (row) => groups[row]).join(
      '',
    ),
  );
  expect([...new Set(held)].toSorted()).toEqual(['aaaa', 'b', 'bcc', 'bd', 'cc', 'ccd', 'd']);
});

test('a fraction of the training rows: ascending, of the size asked for, a smaller one within a larger', () => {
  fc.assert(
    fc.property(fc.integer({ min: 20, max: 200 }), seeds, (rows, seed) => {
      const take = (fraction: number) => [...trainSubset(rows, { random: random(seed), fraction })];
      const [few, many] = [take(0.2), take(0.55)];
      expect([few.length, many.length]).toEqual([Math.round(rows * 0.2), Math.round(rows * 0.55)]);
      expect(many).toEqual([...new Set(many)].toSorted((a, b) => a - b));
      expect(many).toEqual(expect.arrayContaining(few));
      expect(take(1)).toEqual([...Array(rows).keys()]);
    }),
  );
  expect(trainSubset(50, { random: random(1), fraction: 0.5 })).not.toEqual(
    trainSubset(50, { random: random(2), fraction: 0.5 }),
  );
});

test('rows to be validated on: each in one part, ascending, of the size that is planned, or whole groups', () => {
  fc.assert(
    fc.property(fc.integer({ min: 20, max: 60 }), shares, seeds, (rows, double, seed) => {
      const share = Math.min(0.9, Math.max(0.1, double));
      const { learnt, validation } = validationSplit(rows, { random: random(seed), share });
      expect(validation).toHaveLength(validationRows(rows, share));
      expect([...learnt, ...validation].toSorted((a, b) => a - b)).toEqual([...Array(rows).keys()]);
      const groups = Array.from({ length: rows }, (_, i) => i % 7);
      const whole = validationSplit(rows, { random: random(seed), share, groups });
      for (const part of [learnt, validation, whole.learnt, whole.validation])
        expect([...part]).toEqual([...part].toSorted((a, b) => a - b));
      const own = (part: Uint32Array) => new Set(Array.from(part, (row) => groups[row]));
      expect([...own(whole.learnt), ...own(whole.validation)]).toHaveLength(7);
    }),
  );
  // Other rows than those of the fraction, or of the test part, by the same seed.
  const { learnt } = validationSplit(50, { random: random(1), share: 0.5 });
  expect([...learnt]).not.toEqual([...trainSubset(50, { random: random(1), fraction: 0.5 })]);
  expect([...learnt]).not.toEqual(
    [...randomSplit(50, { random: random(1), testShare: 0.5 }).train].toSorted((a, b) => a - b),
  );
});

test('what cannot be split says so', () => {
  const options = { random: random(1), testShare: 0.5 };
  expect(splitRows(2, 0.01)).toEqual({ trainRows: 1, testRows: 1 });
  expect(splitRows(3, 0.99)).toEqual({ trainRows: 1, testRows: 2 });
  expect(() => splitRows(1, 0.5)).toThrow('needs at least 2');
  expect(() => groupSplit(['a', 'a'], options)).toThrow(
    'all rows are of one group; a split needs two groups',
  );
  expect(() => groupSplit([], options)).toThrow('there are no rows');
  expect(() => groupSplit(['a', 'b'], { ...options, testShare: 1 })).toThrow(
    'testShare must lie in (0, 1), got 1',
  );
  const take = (rows: number, fraction: number) => () => trainSubset(rows, { random: random(1), fraction });
  expect(take(100, 0.01)).toThrow(
    'trainSubset: a fraction of 0.01 of 100 training rows is 1; at least 2 must remain: choose a larger one',
  );
  const hold = (rows: number, share: number, groups?: string[]) => () =>
    validationSplit(rows, { random: random(1), share, ...(groups ? { groups } : {}) });
  expect(hold(10, 0.04)).toThrow(
    'is 0, which leaves 10 to learn from; wants at least 1 and 2: choose a larger one',
  );
  expect(hold(10, 0.9)).toThrow(
    'is 9, which leaves 1 to learn from; wants at least 1 and 2: choose a smaller one',
  );
  expect(hold(3, 0.3, ['a', 'a', 'a'])).toThrow('all rows are of one group');
  expect(take(100, 0)).toThrow('fraction must lie in (0, 1], got 0');
  expect(take(100, 1.5)).toThrow('fraction must lie in (0, 1], got 1.5');
});
