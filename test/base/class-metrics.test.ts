/** Metrics of classes against numbers worked out by hand and by other formulas. */
import { expect, test } from 'vitest';
import { accuracy, calibrationError, crossEntropyOf, type Tally, topK } from '../../base/class-metrics.ts';
import { noise } from '../../kernels/random/random-host.ts';

const added = (tally: Tally, logits: readonly number[], labels: readonly number[]): number => {
  tally.add(logits, labels);
  return tally.value();
};

test('accuracy: the largest logit, the first of equal ones, never NaN', () => {
  const logits = [1, 2, 0, 5, 5, 1, NaN, 1, 2, 3, NaN, 0];
  expect(added(accuracy(3), logits, [1, 0, 2, 0])).toBe(2 / 4);
  expect(added(accuracy(3), logits.slice(3, 6), [1])).toBe(0);
  expect(added(accuracy(2), [-Infinity, 0, Infinity, 0], [1, 0])).toBe(1);
  expect(accuracy(3).value()).toBeNaN();
});

test('top k', () => {
  const row = [5, 4, 3, 2, 1, 0, -1];
  for (const [k, label, right] of [
    [5, 4, 1],
    [5, 5, 0],
    [1, 0, 1],
    [7, 6, 1],
  ] as const)
    expect(added(topK(7, k), row, [label])).toBe(right);
  // Of equal logits the first ones are taken.
  expect(added(topK(4, 2), [1, 1, 1, 1], [1])).toBe(1);
  expect(added(topK(4, 2), [1, 1, 1, 1], [2])).toBe(0);
});

test('cross-entropy, also of logits that exponentials overflow at', () => {
  expect(added(crossEntropyOf(4), [0, 0, 0, 0], [2])).toBeCloseTo(Math.log(4), 14);
  expect(added(crossEntropyOf(2), [1e4, -1e4, 1e4, -1e4], [0, 1])).toBe(1e4);
  expect(added(crossEntropyOf(2), [-Infinity, 3], [0])).toBe(Infinity);
  expect(added(crossEntropyOf(2), [-Infinity, 3], [1])).toBe(0);
  expect(added(crossEntropyOf(2), [NaN, 3], [1])).toBeNaN();
  const logits = [...noise(40, 1)].map((u) => 6 * u - 3);
  const labels = Array.from({ length: 8 }, (_, i) => (3 * i) % 5);
  const plain = labels.reduce((sum, label, i) => {
    const row = logits.slice(5 * i, 5 * i + 5).map(Math.exp);
    return sum - Math.log(row[label]! / row.reduce((a, b) => a + b));
  }, 0);
  expect(added(crossEntropyOf(5), logits, labels)).toBeCloseTo(plain / 8, 13);
});

test('calibration error: bins by hand', () => {
  // Probabilities of two classes: p = 1 / (1 + e^-x).
  const logit = (p: number) => [Math.log(p / (1 - p)), 0];
  const sure = [0.9, 0.95, 0.92, 0.65, 0.61];
  const logits = sure.flatMap(logit);
  const labels = [0, 0, 1, 1, 0];
  // Bins of a tenth: (0.6, 0.7] has two rows, one right; 0.9 ends the bin before (0.9, 1], up to rounding.
  const wanted = (Math.abs(0.65 + 0.61 - 1) + Math.abs(0.95 + 0.92 - 1) + Math.abs(0.9 - 1)) / 5;
  const alone = added(calibrationError(2, 10), logits, labels);
  const merged = (Math.abs(0.65 + 0.61 - 1) + Math.abs(0.9 + 0.95 + 0.92 - 2)) / 5;
  expect([wanted, merged].some((value) => Math.abs(alone - value) < 1e-12)).toBe(true);
  // A single bin: the mean probability less the accuracy.
  const mean = sure.reduce((a, b) => a + b) / 5;
  expect(added(calibrationError(2, 1), logits, labels)).toBeCloseTo(Math.abs(mean - 3 / 5), 13);
  // Predictions that are as often right as they say.
  expect(added(calibrationError(2), Array(4).fill(logit(0.75)).flat(), [0, 0, 0, 1])).toBeCloseTo(0, 13);
  expect(added(calibrationError(2), [NaN, 0], [0])).toBeNaN();
  expect(calibrationError(2).value()).toBeNaN();
});

test('part by part is all at once; ignored rows are not there', () => {
  const logits = [...noise(60, 2)];
  const labels = Array.from({ length: 15 }, (_, i) => (7 * i) % 4);
  for (const start of [
    () => accuracy(4),
    () => topK(4, 2),
    () => crossEntropyOf(4),
    () => calibrationError(4),
  ]) {
    const whole = added(start(), logits, labels);
    const parts = start();
    for (const [from, to] of [
      [0, 4],
      [4, 4],
      [4, 15],
    ] as const)
      parts.add(logits.slice(4 * from, 4 * to), labels.slice(from, to));
    expect(parts.value()).toBeCloseTo(whole, 13);
    const more = start();
    more.add([...logits, 9, 9, 9, 9], [...labels, 2 ** 32 - 1]);
    expect(more.value()).toBeCloseTo(whole, 13);
  }
});

test('what does not fit is named', () => {
  expect(() => accuracy(3).add([1, 2, 3, 4], [0])).toThrow('topK: 4 logits for 1 labels; wants 3 a label');
  expect(() => crossEntropyOf(3).add([1, 2, 3], [3])).toThrow(
    'crossEntropyOf: label 3 of row 0; wants 0 to 2',
  );
  expect(() => topK(3, 0)).toThrow('topK: k must be a whole number of at least 1, got 0');
});
