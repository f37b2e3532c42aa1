/** Which training rows the students of a seed see: those that they learn from, and those that they are validated on. */
import { type Dataset, everyRow } from '../../datasets/dataset.ts';
import { checkFraction, trainSubset, validationRows, validationSplit } from '../../datasets/row-splits.ts';
import { explained } from '../../base/errors.ts';
import type { StudyConfig } from '../results.ts';
import { hostRandom } from './seed-dataset.ts';

/** Places in a seed's training part, ascending. */
export interface StudentRows {
  /** All if undefined. */
  readonly learnt: Uint32Array | undefined;
  readonly validation: Uint32Array | undefined;
}

/**
 * How many rows students learn from: for whole groups it is a plan, and a seed may have others.
 *
 * @throws UserError if the validation share leaves too few of either kind.
 */
export function learntRows({ trainRows, trainFraction, validationShare }: StudyConfig): number {
  const seen =
    trainFraction > 0
      ? explained('--train-fraction', () => checkFraction(trainRows, trainFraction))
      : trainRows;
  if (validationShare === 0) return seen;
  return seen - explained('--validation-share', () => validationRows(seen, validationShare));
}

/**
 * A part of the training rows that a larger fraction has, too, less whole groups or persons to be validated on.
 *
 * @throws UserError as `learntRows`.
 */
export function studentRows(
  config: StudyConfig,
  { seed, dataset }: { seed: number; dataset: Dataset },
): StudentRows {
  const { trainFraction: fraction, validationShare: share } = config;
  const { train, pictures } = dataset;
  const random = hostRandom(seed);
  const isPart = fraction > 0 && fraction < 1;
  const seen = isPart ? trainSubset(train.rows, { random, fraction }) : undefined;
  if (share === 0) return { learnt: seen, validation: undefined };
  const rows = seen ?? everyRow(train.rows);
  const groups = train.groups ?? pictures?.trainPerson;
  const own = groups && Array.from(rows, (row) => groups[row]!);
  const { learnt, validation } = explained(`seed ${seed}: --validation-share`, () =>
    validationSplit(rows.length, { random, share, groups: own }),
  );
  const at = (places: Uint32Array) => places.map((place) => rows[place]!);
  return { learnt: at(learnt), validation: at(validation) };
}
