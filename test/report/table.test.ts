/** The table and its words. */

import { expect, test } from 'vitest';
import { formatClock, formatError, formatSeconds, formatSigned } from '../../base/format.ts';
import type { SeedResult } from '../../study/results.ts';
import { summarise } from '../../study/summary.ts';
import { summaryMarkdown, summaryTable } from '../../report/table.ts';
import { headline, judge, robustRival, verdictLines } from '../../report/verdict.ts';
import { fakeConfig, fakeOutcome as outcome, fakeSeed } from '../fake-study.ts';

/** Seeds whose errors are as given: method to one error a seed. */
function seedsOf(errors: Record<string, number[]>): SeedResult[] {
  const count = Math.max(...Object.values(errors).map((list) => list.length));
  return Array.from({ length: count }, (_, i) => {
    const full = fakeSeed({ ...fakeConfig, methods: Object.keys(errors), trainRows: 20 }, i);
    const results = full.results.flatMap((result) => {
      const rmse = errors[result.method]?.[i];
      return rmse === undefined ? [] : [{ ...result, rmse, scores: { rmse } }];
    });
    return { ...full, results };
  });
}

const summaryOf = (errors: Record<string, number[]>) =>
  summarise({ ...fakeConfig, methods: Object.keys(errors) }, outcome, seedsOf(errors));

const better = {
  scratch: [0.3, 0.4, 0.5],
  'scratch-huber': [0.29, 0.42, 0.49],
  'tor-dual': [0.2, 0.31, 0.4],
};

test('paired differences use the seeds, not the means', () => {
  const [huber, dual] = summaryOf(better).paired;
  expect(dual!.meanDifference).toBeCloseTo(-0.29 / 3, 12);
  expect(judge(dual!)).toBe('better');
  expect(judge(huber!)).toBe('no clear difference');
});

test('the verdict is in plain words', () => {
  const summary = summaryOf(better);
  expect(verdictLines(summary)[1]).toMatch(/^tor-dual − scratch: −0\.0967 \[−0\.\d+, −0\.\d+\]: better$/);
  expect(headline(summary)).toBe(
    'tor-dual is better than scratch: test RMSE 0.3033 against 0.4000, over 3 seeds.',
  );
  expect(robustRival(summary)).toEqual([]);
});

test('it says when the robust loss beats tor-dual', () => {
  const summary = summaryOf({ scratch: [0.3, 0.4], 'scratch-huber': [0.1, 0.2], 'tor-dual': [0.2, 0.3001] });
  expect(verdictLines(summary).at(-1)).toContain('the robust loss alone beats tor-dual clearly');
});

test('without scratch there is no baseline and no difference', () => {
  const summary = summaryOf({ tor: [0.3, 0.4] });
  expect(summary.paired).toEqual([]);
  expect(summaryTable(summary)).not.toContain('scratch');
});

test('one seed: a dash, and null in JSON', () => {
  const summary = summaryOf({ scratch: [0.3], 'tor-dual': [0.2] });
  expect(summaryTable(summary)).toContain('–');
  expect(JSON.parse(JSON.stringify(summary)).rows[0].ci95).toBeNull();
  expect(JSON.stringify(summary)).not.toContain('NaN');
  expect(verdictLines(summary)[0]).toBe('tor-dual − scratch: −0.1000: one seed, no interval');
});

test('a stopped study pairs the seeds that both methods have', () => {
  const summary = summaryOf({ scratch: [0.3, 0.4, 0.5], 'tor-dual': [0.2, 0.3] });
  expect(summary.rows.find((row) => row.method === 'tor-dual')?.n).toBe(2);
  expect(summary.paired[0]?.meanDifference).toBeCloseTo(-0.1, 12);
});

test('columns are aligned, and the rows are teacher first', () => {
  const seeds = [fakeSeed(fakeConfig, 0), fakeSeed(fakeConfig, 1)];
  const summary = summarise(fakeConfig, outcome, seeds);
  expect(summary.rows.map((row) => row.method)).toEqual(['teacher', ...fakeConfig.methods]);
  const [header, ...rest] = summaryTable(summary).split('\n');
  const end = header!.indexOf('test RMSE') + 'test RMSE'.length;
  for (const line of rest.slice(1, 8)) expect(line.slice(0, end)).toMatch(/\d$/);
  expect(summaryMarkdown(summary).split('\n')[1]).toMatch(/^\| --- \| --: \|/);
});

test('the mask is counted over all points', () => {
  const [seed] = seedsOf({ scratch: [0.3] });
  const outlier = [true, true, false, false];
  seed!.points = {
    against: 'input',
    x: [0, 1, 2, 3],
    y: [0, 0, 0, 0],
    outlier,
    rejected: [true, false, true, false],
  };
  expect(summarise(fakeConfig, outcome, [seed!]).mask).toEqual({
    precision: 0.5,
    recall: 0.5,
    rejected: 0.5,
  });
  // Before there is a teacher nothing is judged.
  const early = { ...seed!, points: { ...seed!.points, rejected: [] } };
  expect(summarise(fakeConfig, outcome, [early]).mask).toEqual({
    precision: null,
    recall: null,
    rejected: null,
  });
  outlier.fill(false);
  seed!.points.rejected.fill(false);
  expect(summarise(fakeConfig, outcome, [seed!]).mask).toEqual({
    precision: null,
    recall: null,
    rejected: 0,
  });
});

test('numbers for people', () => {
  expect([formatError(0.03456), formatError(0.000012), formatError(-0.00000001)]).toEqual([
    '0.0346',
    '1.2e−5',
    '−1.0e−8',
  ]);
  expect([formatSigned(0.5), formatSigned(-0.5), formatSigned(0)]).toEqual(['+0.5000', '−0.5000', '0.0000']);
  expect([formatSeconds(1.234), formatSeconds(59.96), formatSeconds(185), formatSeconds(7440)]).toEqual([
    '1.23 s',
    '60.0 s',
    '3 min 05 s',
    '2 h 04 min',
  ]);
  expect([formatClock(34), formatClock(725), formatClock(3723)]).toEqual(['0:34', '12:05', '1:02:03']);
});
