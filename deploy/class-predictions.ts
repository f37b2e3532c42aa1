/** What a network says of classes: the likeliest of each row, the probability of every one, and how often that is right. */
import { accuracy, calibrationError, crossEntropyOf, mostLikely, topK } from '../base/class-metrics.ts';
import { csvCell } from './csv-cell.ts';
import { formatCount, formatError, formatPercent } from '../base/format.ts';

export interface ClassPredictions {
  /** Of each row. */
  readonly names: readonly string[];
  /** Rows × classes, each row 1 together. */
  readonly probabilities: Float64Array;
}

/** From rows × logits. */
export function classPredictions(logits: Float64Array, classes: readonly string[]): ClassPredictions {
  const width = classes.length;
  const probabilities = new Float64Array(logits.length);
  const names = Array.from({ length: logits.length / width }, (_, row) => {
    const own = logits.subarray(row * width, (row + 1) * width);
    const most = mostLikely(own);
    const shares = own.map((logit) => Math.exp(logit - own[most]!));
    const total = shares.reduce((sum, share) => sum + share, 0);
    probabilities.set(
      shares.map((share) => share / total),
      row * width,
    );
    return classes[most]!;
  });
  return { names, probabilities };
}

/** What the column of a class is called. */
export function probabilityOf(name: string): string {
  return `probability of ${name}`;
}

/** The class under the target's name, then a column for the probability of each. */
export function classCsv(
  target: string,
  classes: readonly string[],
  { names, probabilities }: ClassPredictions,
): string {
  const head = [target, ...classes.map(probabilityOf)].map(csvCell).join(',');
  const lines = names.map((name, row) => {
    const own = probabilities.subarray(row * classes.length, (row + 1) * classes.length);
    return [csvCell(name), ...Array.from(own, String)].join(',');
  });
  return `${[head, ...lines].join('\n')}\n`;
}

export interface ClassScores {
  /** Rows with a label that the network knows. */
  readonly rows: number;
  /** Shares, and nats of cross-entropy. */
  readonly error: number;
  readonly accuracy: number;
  readonly top5: number;
  readonly crossEntropy: number;
  readonly calibrationError: number;
}

/** Against numbers of classes, NaN where one is not known; undefined where none is. */
export function classScores(
  logits: Float64Array,
  labels: Float64Array | undefined,
  classes: number,
): ClassScores | undefined {
  const known = [...(labels ?? [])].flatMap((label, row) => (Number.isNaN(label) ? [] : [row]));
  if (known.length === 0) return undefined;
  const own = known.flatMap((row) => [...logits.subarray(row * classes, (row + 1) * classes)]);
  const truth = known.map((row) => labels![row]!);
  const tallies = [accuracy(classes), topK(classes, 5), crossEntropyOf(classes), calibrationError(classes)];
  const [right, top5, entropy, calibration] = tallies.map((tally) => {
    tally.add(own, truth);
    return tally.value();
  }) as [number, number, number, number];
  return {
    rows: known.length,
    error: 1 - right,
    accuracy: right,
    top5,
    crossEntropy: entropy,
    calibrationError: calibration,
  };
}

export function classScoresText(scores: ClassScores | undefined): string {
  if (!scores) return '';
  const { rows, error, top5, crossEntropy, calibrationError: calibration } = scores;
  return (
    `error ${formatPercent(error)} of ${formatCount(rows)} rows with a label, top 5 ${formatPercent(top5)}, ` +
    `cross-entropy ${formatError(crossEntropy)}, calibration error ${formatPercent(calibration)}\n`
  );
}

/** Labels, places in `classes`, by the network's numbers; NaN of a class that it does not know. */
export function knownLabels(
  { labels, classes }: { readonly labels: ArrayLike<number>; readonly classes: readonly string[] },
  known: readonly string[],
): Float64Array {
  const numbers = classes.map((name) => known.indexOf(name));
  return Float64Array.from(labels, (label) => {
    const number = Number.isNaN(label) ? -1 : numbers[label]!;
    return number < 0 ? NaN : number;
  });
}
