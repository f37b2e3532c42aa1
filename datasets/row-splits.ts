/** Rows dealt into a training and a test part: one by one or group by group, by random numbers; and parts of a part. */
import { checkNumber, checkOptions, inWords } from '../base/borders.ts';
import { checkRandom, type RandomSource, everyRow } from './dataset.ts';

/** Places of rows, from 0; no row is in both. The order is that of the samples. */
export interface RowSplit {
  readonly train: Uint32Array;
  readonly test: Uint32Array;
}

/**
 * Uniform numbers alone: call 0 deals rows and groups, 3 takes a fraction, 4 deals rows to be validated on; the others are
 * of `tableDataset`.
 */
export type UniformSource = Pick<RandomSource, 'uniform'>;

export interface SplitOptions {
  readonly random: UniformSource;
  /** Share of the rows that are held out, in (0, 1). */
  readonly testShare: number;
}

/** Rows of the two parts: a study plans with them before it deals any. */
export function splitRows(rows: number, testShare: number): { trainRows: number; testRows: number } {
  checkShare(testShare, 'splitRows');
  if (rows < 2) throw new Error(`splitRows: ${rows} rows cannot be split; a table needs at least 2`);
  const testRows = Math.min(rows - 1, Math.max(1, Math.round(rows * testShare)));
  return { trainRows: rows - testRows, testRows };
}

/** Rows in a random order, cut once: every seed has parts of the same sizes, those of `splitRows`. */
export function randomSplit(rows: number, options: SplitOptions): RowSplit {
  checkSplit('randomSplit', options);
  checkNumber('randomSplit', 'rows', rows, { from: 0, isWhole: true });
  const { random, testShare } = options;
  const { trainRows } = splitRows(rows, testShare);
  const order = shuffled(rows, random.uniform(rows, 0));
  return { train: order.slice(0, trainRows), test: order.slice(trainRows) };
}

/**
 * As `randomSplit`, with the same share of each class, whose number `labels` has of each row: by largest remainders, so that parts
 * have the sizes of `splitRows`. Of a class at least one row is in the training part.
 *
 * @throws if there are more classes than rows of the training part.
 */
export function stratifiedSplit(labels: ArrayLike<number>, options: SplitOptions): RowSplit {
  checkSplit('stratifiedSplit', options);
  const { random, testShare } = options;
  const { testRows } = splitRows(labels.length, testShare);
  const order = shuffled(labels.length, random.uniform(labels.length, 0));
  const counts = new Map<number, number>();
  for (let row = 0; row < labels.length; row++) counts.set(labels[row]!, (counts.get(labels[row]!) ?? 0) + 1);
  if (labels.length - testRows < counts.size)
    throw new Error(
      `stratifiedSplit: ${counts.size} classes in ${labels.length} rows, of which ${testRows} are held out; wants a row of each to train on`,
    );
  const held = quotas(counts, testRows);
  const isTest = new Uint8Array(labels.length);
  for (const row of order) {
    const left = held.get(labels[row]!)!;
    if (left === 0) continue;
    held.set(labels[row]!, left - 1);
    isTest[row] = 1;
  }
  return { train: order.filter((row) => isTest[row] === 0), test: order.filter((row) => isTest[row] === 1) };
}

/** So many of each class, together `total`, and less than all of any. */
function quotas(counts: ReadonlyMap<number, number>, total: number): Map<number, number> {
  const rows = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const shares = [...counts].map(([label, count]) => {
    const exact = (total * count) / rows;
    const whole = Math.min(count - 1, Math.floor(exact));
    return { label, count, whole, rest: exact - whole };
  });
  const byRest = shares.toSorted((a, b) => b.rest - a.rest || a.label - b.label);
  let left = total - shares.reduce((sum, { whole }) => sum + whole, 0);
  while (left > 0)
    for (const share of byRest) {
      if (left === 0) break;
      if (share.whole >= share.count - 1) continue;
      share.whole++;
      left--;
    }
  return new Map(shares.map(({ label, whole }) => [label, whole]));
}

/**
 * Whole groups go to the test part, in a random order, until its rows are as near to the share as they come; `groups` says
 * whose each row is. Each part has a group at least, and its rows in their own order. If all groups are too large for the
 * share, the smallest is the test part. Where groups have different sizes,
 * so have the parts of different seeds.
 *
 * @throws if there are fewer than two groups, or the share is out of range.
 */
export function groupSplit(groups: ArrayLike<string | number>, options: SplitOptions): RowSplit {
  if (groups === null || typeof groups !== 'object' || !Number.isInteger(groups.length))
    throw new Error(`groupSplit: wants a list of the rows' groups, got ${inWords(groups)}`);
  checkSplit('groupSplit', options);
  const { random, testShare } = options;
  checkShare(testShare, 'groupSplit');
  const members = new Map<string | number, number[]>();
  for (let row = 0; row < groups.length; row++) {
    const rows = members.get(groups[row]!);
    if (rows) rows.push(row);
    else members.set(groups[row]!, [row]);
  }
  if (members.size < 2)
    throw new Error(
      `groupSplit: ${members.size === 1 ? 'all rows are of one group' : 'there are no rows'}; a split needs two groups`,
    );
  const all = [...members.values()];
  const order = Array.from(shuffled(all.length, random.uniform(all.length, 0)), (i) => all[i]!);
  const wanted = groups.length * testShare;
  // A group of more than twice as many rows would be further from the share than no group.
  const fits = order.findIndex((rows) => rows.length / 2 <= wanted);
  const smallest = order.reduce((least, rows, i) => (rows.length < order[least]!.length ? i : least), 0);
  const test = order.splice(fits < 0 ? smallest : fits, 1).flat();
  while (order.length > 1 && test.length + order[0]!.length / 2 <= wanted) test.push(...order.shift()!);
  return { train: ascending(order.flat()), test: ascending(test) };
}

/**
 * A random part of the training rows, for a student that sees less than its teacher: places in the training part,
 * ascending. A smaller fraction by the same random numbers is a part of a larger one.
 *
 * @param rows of the training part.
 * @throws if the fraction is not in (0, 1], or leaves fewer than two rows.
 */
export function trainSubset(rows: number, options: { random: UniformSource; fraction: number }): Uint32Array {
  checkOptions('trainSubset', options, 'random fraction', true);
  const { random, fraction } = options;
  checkRandom('trainSubset', random, 'uniform');
  checkNumber('trainSubset', 'rows', rows, { from: 0, isWhole: true });
  const kept = checkFraction(rows, fraction);
  if (kept === rows) return everyRow(rows);
  return shuffled(rows, random.uniform(rows, 3)).slice(0, kept).sort();
}

/** Rows of a `trainSubset`. @throws as that does. */
export function checkFraction(rows: number, fraction: number): number {
  if (!(fraction > 0 && fraction <= 1))
    throw new Error(`trainSubset: fraction must lie in (0, 1], got ${inWords(fraction)}`);
  const kept = Math.round(rows * fraction);
  if (kept >= 2) return kept;
  throw new Error(
    `trainSubset: a fraction of ${fraction} of ${rows} training rows is ${kept}; at least 2 must remain: choose a larger one`,
  );
}

/**
 * A random part of a student's rows that it does not learn from, but is validated on: places, ascending in both parts.
 * With groups, which say whose each row is, they are whole groups, as near to the share as those come.
 *
 * @throws as `validationRows`, or if whole groups leave fewer than two rows, or there are fewer than two groups.
 */
export function validationSplit(
  rows: number,
  { random, share, groups }: { random: UniformSource; share: number; groups?: readonly (string | number)[] },
): { learnt: Uint32Array; validation: Uint32Array } {
  validationRows(rows, share);
  const options = { random: { uniform: (count: number) => random.uniform(count, 4) }, testShare: share };
  const { train, test } = groups ? groupSplit(groups, options) : randomSplit(rows, options);
  if (train.length < 2)
    throw new Error(
      `validationSplit: whole groups leave ${train.length} of ${rows} training rows to learn from; wants at least 2: more groups`,
    );
  return { learnt: train.toSorted(), validation: test.toSorted() };
}

/**
 * Rows that a `validationSplit` without groups holds out.
 *
 * @throws if that is none, or leaves fewer than two.
 */
export function validationRows(rows: number, share: number): number {
  const held = Math.round(rows * share);
  if (held >= 1 && rows - held >= 2) return held;
  throw new Error(
    `validationSplit: a share of ${share} of ${rows} training rows is ${held}, which leaves ${rows - held} to learn from; ` +
      `wants at least 1 and 2: choose a ${held < 1 ? 'larger' : 'smaller'} one`,
  );
}

function checkSplit(where: string, options: SplitOptions): void {
  checkOptions(where, options, 'random testShare', true);
  checkRandom(where, options.random, 'uniform');
}

function checkShare(testShare: number, who: string): void {
  if (!(testShare > 0 && testShare < 1))
    throw new Error(`${who}: testShare must lie in (0, 1), got ${inWords(testShare)}`);
}

/** 0 … count - 1, shuffled by Fisher and Yates. */
function shuffled(count: number, uniform: Float32Array): Uint32Array {
  const order = everyRow(count);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(uniform[i]! * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

function ascending(rows: readonly number[]): Uint32Array {
  return Uint32Array.from(rows).sort();
}
