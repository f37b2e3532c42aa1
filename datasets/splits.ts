/** Splits by person: nobody is in training and test at once. */
import { checkNumberList, checkOptions } from '../base/borders.ts';

/** Rows of a data set, in ascending order. */
export interface Split {
  /** The subjects of the test part. */
  readonly subjects: readonly number[];
  readonly train: Uint32Array;
  readonly test: Uint32Array;
}

/** A split for each subject, who is its test part; `subjects` says whose each row is. */
export function leaveOneOut(subjects: ArrayLike<number>): Split[] {
  checkNumberList('leaveOneOut', subjects);
  const all = [...countsOf(subjects).keys()].sort((a, b) => a - b);
  return foldsOf('leaveOneOut', all, { folds: all.length }).map((group) => splitBy(subjects, group));
}

/**
 * Splits whose test parts have a share of the subjects each. The largest subjects are dealt first, each to the fold with
 * the fewest rows, so folds are about equally large; the same rows give the same folds.
 *
 * @throws RangeError for less than two folds, or more than there are subjects.
 */
export function subjectFolds(subjects: ArrayLike<number>, options: { folds: number }): Split[] {
  checkNumberList('subjectFolds', subjects);
  checkOptions('subjectFolds', options, 'folds', true);
  const counts = countsOf(subjects);
  const bySize = [...counts].sort(([a, m], [b, n]) => n - m || a - b).map(([subject]) => subject);
  return foldsOf('subjectFolds', bySize, { folds: options.folds, counts }).map((group) =>
    splitBy(subjects, group),
  );
}

function countsOf(subjects: ArrayLike<number>): Map<number, number> {
  const counts = new Map<number, number>();
  for (let i = 0; i < subjects.length; i++) counts.set(subjects[i]!, (counts.get(subjects[i]!) ?? 0) + 1);
  return counts;
}

function foldsOf(
  where: string,
  subjects: readonly number[],
  { folds, counts }: { folds: number; counts?: ReadonlyMap<number, number> },
): number[][] {
  if (!Number.isInteger(folds) || folds < 2 || folds > subjects.length)
    throw new RangeError(
      `${where}: folds: wants 2 to ${subjects.length}, the number of subjects, got ${folds}`,
    );
  const groups = Array.from({ length: folds }, () => ({ rows: 0, members: [] as number[] }));
  for (const subject of subjects) {
    const smallest = groups.reduce((a, b) => (b.rows < a.rows ? b : a));
    smallest.members.push(subject);
    smallest.rows += counts?.get(subject) ?? 1;
  }
  return groups.map(({ members }) => members.sort((a, b) => a - b));
}

function splitBy(subjects: ArrayLike<number>, group: readonly number[]): Split {
  const isTest = new Set(group);
  const [train, test]: [number[], number[]] = [[], []];
  for (let i = 0; i < subjects.length; i++) (isTest.has(subjects[i]!) ? test : train).push(i);
  return { subjects: group, train: Uint32Array.from(train), test: Uint32Array.from(test) };
}
