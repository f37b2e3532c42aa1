/** The outlier mask: every rule against numbers worked out by hand, and what is known of masking. */
import { describe, expect, test } from 'vitest';
import { type OutlierMaskOptions, outlierMask } from '../../losses/outlier-mask.ts';
import { randomNormalHost } from '../normal.ts';

/** Residuals 1 to 9 and 29, with signs that must not matter. */
const label = [1, -2, 3, -4, 5, -6, 7, -8, 9, -29];
const teacher = label.map(() => 0);
const thresholdOf = (options: OutlierMaskOptions) => outlierMask(label, teacher, options).thresholds[0]!;

describe('thresholds by hand', () => {
  // mean 7.4; Σ r² = 285 + 841 = 1126, Σ (r - 7.4)² = 1126 - 547.6 = 578.4; std = √(578.4 / 9) = 8.01665
  const std = Math.sqrt(578.4 / 9);

  test('zscore', () => {
    expect(thresholdOf({ rule: 'zscore' })).toBeCloseTo(7.4 + 2 * std, 12);
    expect(thresholdOf({ rule: 'zscore', deviations: 3 })).toBeCloseTo(7.4 + 3 * std, 12);
    expect([...outlierMask(label, teacher, { rule: 'zscore' }).outlier]).toEqual([
      0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
    ]);
    expect([...outlierMask(label, teacher, { rule: 'zscore', deviations: 3 }).outlier]).toEqual(
      label.map(() => 0),
    );
  });

  test('mad: the default, from the median 5.5', () => {
    expect(thresholdOf({})).toBeCloseTo(3 * 1.4826 * 5.5, 12);
    expect(thresholdOf({ rule: 'mad', deviations: 1 })).toBeCloseTo(1.4826 * 5.5, 12);
    expect([...outlierMask(label, teacher, { deviations: 1 }).outlier]).toEqual([
      0, 0, 0, 0, 0, 0, 0, 0, 1, 1,
    ]);
  });

  test('quantile: between the order statistics, as NumPy', () => {
    // place 0.9 · 9 = 8.1: 9 + 0.1 (29 - 9)
    expect(thresholdOf({ rule: 'quantile' })).toBeCloseTo(11, 12);
    expect(thresholdOf({ rule: 'quantile', quantile: 0.25 })).toBeCloseTo(3.25, 12);
    expect(thresholdOf({ rule: 'quantile', quantile: 1 })).toBe(29);
  });

  test('fixed: above, not at', () => {
    expect([...outlierMask(label, teacher, { rule: 'fixed', threshold: 8 }).outlier]).toEqual([
      0, 0, 0, 0, 0, 0, 0, 0, 1, 1,
    ]);
  });

  test('iterative: the threshold of what it kept, at most five times', () => {
    // Without 29: mean 5, std √(60 / 8) = 2.7386, and 9 ≤ 5 + 2 · 2.7386 stays.
    expect(thresholdOf({ rule: 'iterative', deviations: 2 })).toBeCloseTo(5 + 2 * Math.sqrt(7.5), 12);
    // Three deviations, if left out, reach 31.4: nothing goes.
    expect(thresholdOf({ rule: 'iterative' })).toBeCloseTo(7.4 + 3 * std, 12);
    // One: 29 is above 15.4, then 8 and 9 above 7.74, 7 above 6.16, 6 above 5.37; of 1 to 5 it is 3 + √2.5.
    expect(thresholdOf({ rule: 'iterative', deviations: 1 })).toBeCloseTo(3 + Math.sqrt(2.5), 12);
  });
});

test('each output has its own threshold', () => {
  const two = [1, 10, 2, 20, 3, 30, 100, 40];
  const { outlier, thresholds } = outlierMask(
    two,
    two.map(() => 0),
    { columns: 2, deviations: 2 },
  );
  expect(thresholds[0]).toBeCloseTo(2 * 1.4826 * 2.5, 12);
  expect(thresholds[1]).toBeCloseTo(2 * 1.4826 * 25, 12);
  expect([...outlier]).toEqual([0, 0, 0, 0, 0, 0, 1, 0]);
});

test('only differences count, and typed arrays will do', () => {
  const shifted = Float32Array.from(label, (value) => value + 64);
  expect(outlierMask(shifted, new Float32Array(10).fill(64)).thresholds).toEqual(
    outlierMask(label, teacher).thresholds,
  );
});

describe('masking', () => {
  /** A share of equal outliers of size 1 among exact labels. */
  const caughtOf = (share: number, options: OutlierMaskOptions) => {
    const labels = Array.from({ length: 100 }, (_, i) => Number(i < 100 * share));
    const { outlier } = outlierMask(
      labels,
      labels.map(() => 0),
      options,
    );
    return outlier.reduce((total, value) => total + value, 0) / (100 * share);
  };

  // The z of equal outliers is √((1 - e) / e), a little less with ddof = 1.
  test.each([
    [0.05, 3, 1],
    [0.1, 3, 0],
    [0.15, 2, 1],
    [0.2, 2, 0],
    [0.4, 2, 0],
  ])('a share of %f of equal outliers, z = %f: caught %f', (share, deviations, caught) => {
    expect(caughtOf(share, { rule: 'zscore', deviations })).toBe(caught);
  });

  test('normal residuals: the shares flagged, and outliers inflate the z-score but not the median', () => {
    const clean = randomNormalHost(100_000, 1);
    const zero = new Float32Array(clean.length);
    const share = (options: OutlierMaskOptions) => {
      const { outlier } = outlierMask(clean, zero, options);
      return outlier.reduce((total, value) => total + value, 0) / clean.length;
    };
    expect(share({ rule: 'zscore' })).toBeCloseTo(0.045, 2.5);
    expect(share({ rule: 'zscore', deviations: 3 })).toBeCloseTo(0.0092, 2.5);
    expect(share({ rule: 'mad' })).toBeCloseTo(0.0027, 3);
    expect(share({ rule: 'quantile', quantile: 0.9 })).toBeCloseTo(0.1, 3);

    // 20 % get an error uniform in ±20: recall of those beyond 3 is .48, .22 and .95.
    const noisy = clean.map(
      (value, i) => value + (i % 5 === 0 ? 40 * ((i * 0.618033988749895) % 1) - 20 : 0),
    );
    const recall = (options: OutlierMaskOptions) => {
      const { outlier } = outlierMask(noisy, zero, options);
      const far = [...noisy.keys()].filter((i) => i % 5 === 0 && Math.abs(noisy[i]!) > 3);
      return far.filter((i) => outlier[i] === 1).length / far.length;
    };
    expect(recall({ rule: 'zscore' })).toBeCloseTo(0.48, 1);
    expect(recall({ rule: 'zscore', deviations: 3 })).toBeCloseTo(0.22, 1);
    expect(recall({ rule: 'mad' })).toBeCloseTo(0.95, 1);
    expect(recall({ rule: 'iterative' })).toBeGreaterThan(0.9);
  });

  test('the largest z of n values is (n - 1) / √n: five labels cannot have one of 2', () => {
    for (const [n, caught] of [
      [5, 0],
      [6, 1],
    ] as const) {
      const labels = Array.from({ length: n }, (_, i) => Number(i === 0));
      expect(
        outlierMask(
          labels,
          labels.map(() => 0),
          { rule: 'zscore' },
        ).outlier[0],
      ).toBe(caught);
    }
  });
});

test('nothing, one, and all alike', () => {
  expect(outlierMask([], [])).toEqual({ outlier: new Float32Array(0), thresholds: [0] });
  for (const rule of ['zscore', 'mad', 'quantile', 'iterative'] as const) {
    expect([...outlierMask([5], [1], { rule }).outlier], rule).toEqual([0]);
    expect([...outlierMask([5, 5, 5], [1, 1, 1], { rule }).outlier], rule).toEqual([0, 0, 0]);
  }
});

test('bad input: one clear line', () => {
  const one = (options: object, message: string) =>
    expect(() => outlierMask([1, 2, 3], [1, 2, 3], options)).toThrow(message);
  expect(() => outlierMask([1], [1, 2])).toThrow('outlierMask: 1 labels, 2 predictions, 1 columns');
  one({ columns: 2 }, 'outlierMask: 3 labels, 3 predictions, 2 columns');
  one({ rule: 'median' }, "outlierMask: unknown rule 'median'; zscore, mad, quantile, fixed or iterative");
  one({ rule: 'fixed' }, "outlierMask: rule 'fixed' wants a threshold of at least 0");
  one({ rule: 'quantile', quantile: 0 }, 'outlierMask: quantile must lie in (0, 1], got 0');
  one({ deviations: 0 }, 'outlierMask: deviations must be above 0, got 0');
  expect(() => outlierMask([1, NaN], [1, 2])).toThrow('outlierMask: a label or a prediction is not finite');
  expect(() => outlierMask([1, 2], [1, Infinity])).toThrow('is not finite');
});
