/** Student-t against printed tables, intervals against hand calculation. */

import { expect, test } from 'vitest';
import {
  confidenceInterval,
  mean,
  pairedDifference,
  regularizedBeta,
  standardDeviation,
  studentQuantile,
} from '../../base/statistics.ts';

test.each([
  [1, 12.7062],
  [2, 4.3027],
  [3, 3.1824],
  [4, 2.7764],
  [9, 2.2622],
  [19, 2.093],
  [29, 2.0452],
  [99, 1.9842],
])('t(0.975; %i) = %f', (degrees, expected) => {
  expect(studentQuantile(0.975, degrees)).toBeCloseTo(expected, 4);
});

test('other probabilities, and both sides', () => {
  expect(studentQuantile(0.995, 4)).toBeCloseTo(4.6041, 4);
  expect(studentQuantile(0.9, 10)).toBeCloseTo(1.3722, 4);
  expect(studentQuantile(0.5, 7)).toBe(0);
  expect(studentQuantile(0.025, 9)).toBeCloseTo(-2.2622, 4);
});

test('one degree of freedom is the Cauchy distribution, in closed form', () => {
  for (const p of [0.6, 0.9, 0.975, 0.9999]) {
    const exact = Math.tan(Math.PI * (p - 0.5));
    expect(Math.abs(studentQuantile(p, 1) / exact - 1)).toBeLessThan(1e-11);
  }
});

test('incomplete beta: I(x; 1, b) = 1 - (1 - x)^b, and its mirror', () => {
  for (const x of [0.01, 0.3, 0.7, 0.99]) {
    expect(regularizedBeta(x, 1, 3.5)).toBeCloseTo(1 - (1 - x) ** 3.5, 13);
    expect(regularizedBeta(x, 2.5, 4) + regularizedBeta(1 - x, 4, 2.5)).toBeCloseTo(1, 13);
  }
});

test('mean, deviation and interval of a small sample', () => {
  const values = [2, 4, 4, 4, 5, 5, 7, 9];
  expect(mean(values)).toBe(5);
  expect(standardDeviation(values)).toBeCloseTo(Math.sqrt(32 / 7), 12);
  const { ci95, n } = confidenceInterval(values);
  // 5 ± 2.3646 · 2.1381 / √8
  expect(n).toBe(8);
  expect(ci95![0]).toBeCloseTo(3.2125, 3);
  expect(ci95![1]).toBeCloseTo(6.7875, 3);
});

test('one value has a mean and no interval', () => {
  expect(confidenceInterval([0.3])).toEqual({ mean: 0.3, ci95: null, n: 1 });
});

test('a paired difference drops what both share', () => {
  const { mean: difference, ci95 } = pairedDifference([10.1, 20.1, 30.1], [10, 20, 30]);
  expect(difference).toBeCloseTo(0.1, 12);
  expect(ci95![1] - ci95![0]).toBeLessThan(1e-12);
  expect(() => pairedDifference([1], [1, 2])).toThrow('1 values against 2');
});
