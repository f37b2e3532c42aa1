/** Images with a class each as a data set: rows of the source's own parts, or dealt class by class; labels perhaps replaced. */
import { replaced } from '../class-noise.ts';
import { DatasetError } from '../dataset-error.ts';
import { type Dataset, pickRows, type RandomSource, type Samples, everyRow } from '../dataset.ts';
import { stratifiedSplit } from '../row-splits.ts';
import type { ClassifiedImages, ClassifiedParts } from './classified-images.ts';

export interface ClassDatasetOptions {
  /** Where the choice of rows and of replaced labels comes from. */
  readonly random: Pick<RandomSource, 'uniform'>;
  /** At most so many rows of each part, chosen at random. */
  readonly trainRows: number;
  readonly testRows: number;
  /** Share of the rows that is held out where the source has no test part. */
  readonly testShare: number;
  /** Share of training labels that are replaced by another class. */
  readonly noise: number;
  readonly name: string;
}

/** Rows of a source's two parts before any are left out, without dealing them. */
export function partSizes(
  { train, test }: ClassifiedParts,
  testShare: number,
): { train: number; test: number } {
  if (test) return { train: train.rows, test: test.rows };
  const held = Math.min(train.rows - 1, Math.max(1, Math.round(train.rows * testShare)));
  return { train: train.rows - held, test: held };
}

/**
 * `outlier` is there only if labels were replaced: nobody knows what is wrong with the others.
 *
 * @throws DatasetError for a class that is in the test part alone.
 */
export function classDataset(parts: ClassifiedParts, options: ClassDatasetOptions): Dataset {
  const { random, noise, name, testShare } = options;
  const { train: whole, test: held = whole } = parts;
  const split = parts.test
    ? { train: everyRow(whole.rows), test: everyRow(held.rows) }
    : stratifiedSplit(whole.labels, { random, testShare });
  const train = samplesOf(whole, someOf(split.train, options.trainRows, random, 5));
  const test = samplesOf(held, someOf(split.test, options.testRows, random, 6));
  const { channels, height, width, classes } = whole;
  checkLearnt(classes, train.y, test.y, name);
  const dataset = { name, classes, image: { channels, height, width }, train, test };
  if (noise === 0) return dataset;
  const [chance, which] = [random.uniform(train.rows, 1), random.uniform(train.rows, 2)];
  const spoilt = replaced(train.y, { classes: classes.length, share: noise, chance, which });
  return { ...dataset, train: { ...train, y: spoilt.labels }, outlier: spoilt.isReplaced };
}

/** Images with classes as samples of a data set. */
export function samplesOf(
  { channels, height, width, pixels, labels }: ClassifiedImages,
  rows: Uint32Array,
): Samples {
  const inputs = channels * height * width;
  const y = Float64Array.from(rows, (row) => labels[row]!);
  return { rows: rows.length, inputs, outputs: 1, x: pickRows(pixels, inputs, rows), y };
}

/** At most `most` of the rows, in ascending order. */
function someOf(
  rows: Uint32Array,
  most: number,
  random: Pick<RandomSource, 'uniform'>,
  call: number,
): Uint32Array {
  if (rows.length <= most) return rows.toSorted();
  const chance = random.uniform(rows.length, call);
  const order = everyRow(rows.length).sort((a, b) => chance[a]! - chance[b]! || a - b);
  return order
    .subarray(0, most)
    .map((i) => rows[i]!)
    .sort();
}

function checkLearnt(
  classes: readonly string[],
  train: ArrayLike<number>,
  test: ArrayLike<number>,
  name: string,
): void {
  const learnt = new Set(Array.from(train));
  const stranger = Array.from(test).find((label) => !learnt.has(label));
  if (stranger !== undefined)
    throw new DatasetError(
      name,
      `class '${classes[stranger]}' is in the test part alone; it wants an image to learn from: more training rows, or without that class`,
    );
}
