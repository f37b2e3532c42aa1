/** How good predictions of classes are, added up part by part in float64: accuracy, top k, cross-entropy, calibration. */
import { checkNumber } from './borders.ts';

/** What has been added up so far. */
export interface Tally {
  /**
   * Rows of logits, row-major, and the class of each. A label of 4294967295 (-1 as a u32) counts for nothing.
   *
   * @throws where there are not as many logits as labels times classes, or a label is no class.
   */
  add(logits: ArrayLike<number>, labels: ArrayLike<number>): void;
  /** Of all rows so far; NaN if there are none. */
  value(): number;
}

const IGNORED = 2 ** 32 - 1;

/** Share of rows whose class has the largest logit; of several that are equal the first counts. NaN is never right. */
export function accuracy(classes: number): Tally {
  return topK(classes, 1);
}

/** Share of rows whose class is among the `k` with the largest logits. */
export function topK(classes: number, k: number): Tally {
  checkNumber('topK', 'k', k, { from: 1, isWhole: true });
  return meanOf('topK', classes, (row, label) => {
    const own = row[label]!;
    // Written so that NaN is ahead of everything, and everything of it.
    const ahead = row.filter((value, i) => !(value <= own) || (value === own && i < label));
    return Number(ahead.length < k);
  });
}

/** Mean of -log softmax at the class, in nats. */
export function crossEntropyOf(classes: number): Tally {
  return meanOf('crossEntropyOf', classes, (row, label) => {
    const { most, total } = exponentials(row);
    // Of a logit of -∞ it is ∞; of one of ∞, or of NaN, it is NaN.
    return Math.log(total) - (row[label]! - most);
  });
}

/**
 * Expected calibration error (Guo et al. 2017, arXiv:1706.04599): rows by the probability of the class that is predicted, in `bins` of
 * one width; in each the difference of that probability's mean from the share that is right; their mean, weighted by rows.
 */
export function calibrationError(classes: number, bins = 15): Tally {
  checkNumber('calibrationError', 'bins', bins, { from: 1, isWhole: true });
  const rows = new Float64Array(bins);
  // Of each bin: the sum of probabilities less that of the rows that are right.
  const excess = new Float64Array(bins);
  let isUnknown = false;
  return {
    add(logits, labels) {
      forEachRow('calibrationError', classes, { logits, labels }, (row, label) => {
        const { most, total } = exponentials(row);
        const confidence = 1 / total;
        if (Number.isNaN(confidence)) {
          isUnknown = true;
          return;
        }
        // A bin has its upper bound: (0, 1/n], (1/n, 2/n], …
        const bin = Math.max(0, Math.ceil(confidence * bins) - 1);
        rows[bin]!++;
        excess[bin]! += confidence - Number(row.indexOf(most) === label);
      });
    },
    value() {
      const all = rows.reduce((sum, count) => sum + count, 0);
      return isUnknown ? NaN : excess.reduce((sum, each) => sum + Math.abs(each), 0) / all;
    },
  };
}

/** Rows by their class and, within that, by the class that is predicted: classes × classes counts, row after row. */
export function classCounts(labels: ArrayLike<number>, logits: ArrayLike<number>, classes: number): number[] {
  const counts = new Array<number>(classes * classes).fill(0);
  forEachRow('classCounts', classes, { logits, labels }, (row, label) => {
    counts[label * classes + mostLikely(row)]!++;
  });
  return counts;
}

/** The place of the largest number, the first of several that are equal; NaN counts as less than all. */
export function mostLikely(row: ArrayLike<number>): number {
  let place = 0;
  for (let k = 1; k < row.length; k++)
    if (row[k]! > row[place]! || (Number.isNaN(row[place]!) && !Number.isNaN(row[k]!))) place = k;
  return place;
}

function exponentials(row: readonly number[]): { most: number; total: number } {
  const most = row.reduce((largest, value) => Math.max(largest, value), -Infinity);
  return { most, total: row.reduce((sum, value) => sum + Math.exp(value - most), 0) };
}

function meanOf(name: string, classes: number, of: (row: readonly number[], label: number) => number): Tally {
  let [sum, rows] = [0, 0];
  return {
    add(logits, labels) {
      forEachRow(name, classes, { logits, labels }, (row, label) => {
        sum += of(row, label);
        rows++;
      });
    },
    value: () => sum / rows,
  };
}

function forEachRow(
  name: string,
  classes: number,
  { logits, labels }: { logits: ArrayLike<number>; labels: ArrayLike<number> },
  visit: (row: readonly number[], label: number) => void,
): void {
  checkNumber(name, 'classes', classes, { from: 1, isWhole: true });
  if (logits.length !== labels.length * classes)
    throw new Error(
      `${name}: ${logits.length} logits for ${labels.length} labels; wants ${classes} a label, a row after another`,
    );
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (label === IGNORED) continue;
    if (!(Number.isInteger(label) && label >= 0 && label < classes))
      throw new RangeError(`${name}: label ${label} of row ${i}; wants 0 to ${classes - 1}`);
    visit(
      Array.from({ length: classes }, (_, k) => logits[i * classes + k]!),
      label,
    );
  }
}
