/** Angular errors of test rows by whom they show and where that person looks, over all seeds together. */

import type { ImageFindings, SeedResult } from '../study/results.ts';
import { mean } from '../base/statistics.ts';

export interface ErrorGroup<Key> {
  key: Key;
  /** Test rows; one that several seeds test counts as often. */
  rows: number;
  /** Mean angular error by method, degrees; only of methods that tested some of the rows. */
  means: ReadonlyMap<string, number>;
}

/** A round range of angles, in degrees. */
export interface AngleBin {
  low: number;
  high: number;
}

type KeyOf<Key> = (images: ImageFindings, row: number, seed: number) => Key;

/** Groups in the order in which they first occur; a row whose error is not a number is left out of the mean. */
export function groupedErrors<Key>(seeds: readonly SeedResult[], keyOf: KeyOf<Key>): ErrorGroup<Key>[] {
  const groups = new Map<Key, { rows: number; sums: Map<string, { sum: number; count: number }> }>();
  for (const { seed, images, results } of seeds) {
    if (images === undefined) continue;
    for (const row of images.test.person.keys()) {
      const key = keyOf(images, row, seed);
      const group = groups.get(key) ?? { rows: 0, sums: new Map() };
      groups.set(key, group);
      group.rows++;
      for (const { method, angularErrors } of results) {
        const error = angularErrors?.[row];
        if (error === undefined || !Number.isFinite(error)) continue;
        const total = group.sums.get(method) ?? { sum: 0, count: 0 };
        total.sum += error;
        total.count++;
        group.sums.set(method, total);
      }
    }
  }
  return [...groups].map(([key, { rows, sums }]) => ({
    key,
    rows,
    means: new Map([...sums].map(([method, { sum, count }]) => [method, sum / count])),
  }));
}

/**
 * Those with the largest error, on average over the methods, first.
 *
 * @param options `areOfSeeds`: whether persons of one name are others in every seed, as those that are made; they are called '0: NAME' then.
 */
export function errorsByPerson(
  seeds: readonly SeedResult[],
  { areOfSeeds = false } = {},
): ErrorGroup<string>[] {
  const groups = groupedErrors(seeds, ({ people, test }, row, seed) => {
    const name = people[test.person[row]!] ?? '?';
    return areOfSeeds ? `${seed}: ${name}` : name;
  });
  const hardness = ({ means }: ErrorGroup<string>) =>
    means.size === 0 ? -Infinity : mean([...means.values()]);
  return groups
    .map((group) => ({ group, hardness: hardness(group) }))
    .sort((a, b) => b.hardness - a.hardness)
    .map(({ group }) => group);
}

/** By the truth of one target, from the lowest bin to the highest; bins without rows are not there. */
export function errorsByAngle(
  seeds: readonly SeedResult[],
  { target, targets }: { target: number; targets: number },
): ErrorGroup<AngleBin>[] {
  const truthOf = ({ test }: ImageFindings, row: number) => test.truth[row * targets + target] ?? NaN;
  const binOf = bins(
    seeds.flatMap(({ images }) => images?.test.person.map((_, row) => truthOf(images, row)) ?? []),
  );
  return groupedErrors(seeds, (images, row) => binOf(truthOf(images, row)))
    .flatMap(({ key, ...rest }) => (key === undefined ? [] : [{ key, ...rest }]))
    .sort((a, b) => a.key.low - b.key.low);
}

const mostBins = 13;
const steps = [0.5, 1, 2, 5, 10, 15, 20, 30, 45, 90];

/** At most about a dozen bins: a value each where there are few, such as of fixed cameras, or else round ranges. */
function bins(values: readonly number[]): (value: number) => AngleBin | undefined {
  const angles = values.filter(Number.isFinite);
  const [low, high] = angles.reduce(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Infinity, -Infinity],
  );
  const tenth = (value: number) => Math.round(value * 10) / 10;
  const distinct = new Set(angles.map(tenth));
  const isDiscrete = distinct.size <= 2 * mostBins && distinct.size * 3 <= angles.length;
  const step = steps.find((width) => Math.floor(high / width) - Math.floor(low / width) < mostBins) ?? 180;
  const made = new Map<number, AngleBin>();
  return (value) => {
    if (!Number.isFinite(value)) return undefined;
    const start = isDiscrete ? tenth(value) : Math.floor(value / step) * step;
    const bin = made.get(start) ?? { low: start, high: isDiscrete ? start : start + step };
    made.set(start, bin);
    return bin;
  };
}
