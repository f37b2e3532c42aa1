/** Merged plans: numbers against hand-made results, complete and not; and the page that shows them. */
import { expect, test } from 'vitest';
import { confidenceInterval } from '../../base/statistics.ts';
import { gapsOf, gapTables } from '../../study/plan/gaps.ts';
import { numerics } from '../../engine/numerics.ts';
import { merge, ownBase } from '../../study/plan/merge.ts';
import { mergedCsv, seedsCsv } from '../../report/plan/merge-csv.ts';
import { mergedPage } from '../../report/plan/merge-page.ts';
import { mergedMarkdown } from '../../report/plan/merge-text.ts';
import type { Plan, PlannedRun } from '../../study/plan/plan.ts';
import type { RunResult } from '../../study/plan/plan-folder.ts';
import { ranksOf, rankTables } from '../../study/plan/ranks.ts';

const dataSets = ['a.csv', 'b.csv'];
const noises = [0, 0.1, 0.2];
const methods = ['scratch', 'imitation', 'imitation+pm'];

const runs: PlannedRun[] = dataSets.flatMap((data) =>
  noises.flatMap((noise) =>
    methods.map((method) => ({
      index: 0,
      id: `${data} ${noise} ${method}`,
      at: { data, noise, methods: method },
      options: { data, noise: String(noise), methods: method, seeds: '2' },
      methods: [method],
      seeds: [0, 1],
      steps: 10,
    })),
  ),
);
const plan: Plan = {
  format: 1,
  name: 'made <up>',
  version: '1',
  numerics,
  baseline: 'scratch',
  base: { seeds: '2' },
  axes: [
    { name: 'data', values: dataSets },
    { name: 'noise', values: noises },
    { name: 'methods', values: methods },
  ],
  runs: runs.map((run, index) => ({ ...run, index })),
};

/** Noise and seed add the same to every method; a method is better by a fixed amount, on 'b.csv' by twice as much. */
function errorOf(data: string, noise: number, method: string, seed: number): number {
  const better = { scratch: 0, imitation: 0.1, 'imitation+pm': 0.15, teacher: 0.3 }[method]!;
  return (
    1 + noise + 0.01 * seed - better * (data === 'b.csv' ? 2 : 1) + (method === 'imitation' ? 0.02 * seed : 0)
  );
}

function resultOf(id: string, change: Partial<RunResult> = {}): RunResult {
  const [data, noise, method] = id.split(' ') as [string, string, string];
  const score = (name: string, seed: number) => ({
    method: name,
    rmse: errorOf(data, Number(noise), name, seed),
    params: name === 'teacher' ? 100 : 10,
    macs: 1,
    seconds: Math.random(),
    weightsSha256: '',
  });
  const seeds = [0, 1].map((seed) => ({ seed, scores: [score('teacher', seed), score(method, seed)] }));
  const where = { adapter: 'an adapter', host: 'node', cpu: '', versions: {}, started: '', seconds: 1 };
  return { id, index: 0, command: '', seeds, ...where, ...change };
}

const whole = merge(plan, resultOf);

test('cells have the grid without methods; a row has mean, interval and both differences', () => {
  expect(whole.cells.map(({ at }) => at)).toEqual(
    dataSets.flatMap((data) => noises.map((noise) => ({ data, noise }))),
  );
  expect(whole.methods).toEqual(['teacher', ...methods]);
  const [teacher, scratch, imitation, matched] = whole.cells[0]!.rows;
  expect(teacher).toMatchObject({ method: 'teacher', toBaseline: undefined, toOwn: undefined, params: 100 });
  expect(scratch).toMatchObject({ method: 'scratch', toBaseline: undefined, toOwn: undefined });
  expect(scratch!.error).toEqual(confidenceInterval([1, 1.01]));
  expect(imitation!.toBaseline!.difference).toEqual(confidenceInterval([0.9 - 1, 0.93 - 1.01]));
  expect(imitation!.toBaseline!.reduction.mean).toBeCloseTo(0.09 / 1.005, 12);
  expect(imitation!.toBaseline!.reduction.ci95![0]).toBeLessThan(0.09 / 1.005);
  expect(imitation!.toOwn).toBeUndefined();
  expect(matched!.toOwn).toMatchObject({ baseline: 'imitation' });
  expect(matched!.toOwn!.difference.mean).toBeCloseTo(-0.06, 12);
});

test('ranks: of all cells, and over data sets for each noise; ties share', () => {
  expect(ranksOf([3, 1, 3, 2])).toEqual([3.5, 1, 3.5, 2]);
  const tables = rankTables(whole);
  expect(tables.map(({ at, cells }) => [at, cells])).toEqual([
    [undefined, 6],
    [{ noise: 0 }, 2],
    [{ noise: 0.1 }, 2],
    [{ noise: 0.2 }, 2],
  ]);
  expect(tables[0]!.ranks.map(({ method, rank }) => [method, rank])).toEqual([
    ['imitation+pm', 1],
    ['imitation', 2],
    ['scratch', 3],
  ]);
  expect(tables[1]!.ranks[0]!.reduction!.mean).toBeCloseTo((0.15 / 1.005 + 0.3 / 1.005) / 2, 12);
});

test('what add-ons close of the gap to the teacher; a base near it counts no share', () => {
  const [first] = gapsOf(whole);
  expect(gapsOf(whole)).toHaveLength(6);
  expect([first!.base, first!.row.method]).toEqual(['imitation', 'imitation+pm']);
  // 0.915 falls by 0.06 to 0.855, and the teacher has 0.705.
  expect(first!.closed!.mean).toBeCloseTo(0.06 / 0.21, 12);
  expect(first!.comparison.reduction.mean).toBeCloseTo(0.06 / 0.915, 12);
  expect(first!.closed!.ci95![0]).toBeLessThan(first!.closed!.mean);
  const shares = gapsOf(whole).map(({ closed }) => closed!.mean);
  const [all, noise0] = gapTables(whole);
  // Half of the cells have 0.06 of 0.21, half 0.11 of 0.41.
  expect(shares.toSorted((a, b) => a - b)[5]).toBeCloseTo(0.06 / 0.21, 12);
  expect(all!.summaries).toMatchObject([{ method: 'imitation+pm', cells: 6, near: 0 }]);
  expect(all!.summaries[0]!.closed).toBeCloseTo((0.06 / 0.21 + 0.11 / 0.41) / 2, 12);
  expect(noise0!.at).toEqual({ noise: 0 });
  // A seed that one of the three lacks counts for none of them.
  const partial = merge(plan, (id) => {
    const result = resultOf(id);
    return id === 'a.csv 0 imitation+pm' ? { ...result, seeds: result.seeds.slice(1) } : result;
  });
  const [ofOne] = gapsOf(partial);
  // Seed 1 alone: 0.93 falls to 0.86, and the teacher has 0.71.
  expect(ofOne!.closed).toMatchObject({ ci95: null, n: 1 });
  expect(ofOne!.closed!.mean).toBeCloseTo(0.07 / 0.22, 12);
  expect(ofOne!.errors.teacher.mean).toBeCloseTo(0.71, 12);
  const nearTeacher = merge(plan, (id) => {
    const result = resultOf(id);
    const scores = result.seeds.map(({ seed, scores: [teacher, ...rest] }) => ({
      seed,
      scores: [{ ...teacher!, rmse: id.startsWith('a.csv') ? 0.9 : teacher!.rmse }, ...rest],
    }));
    return { ...result, seeds: scores };
  });
  expect(gapsOf(nearTeacher)[0]!.closed).toBeUndefined();
  expect(gapTables(nearTeacher)[0]!.summaries[0]!.near).toBe(1);
  expect(mergedMarkdown(nearTeacher)).toContain('| no gap | – |');
  expect(mergedPage(nearTeacher)).toContain('The gap to the teacher');
});

test('add-ons are compared with the method that has the same settings', () => {
  expect(ownBase('tor+pm+gm')).toEqual({ name: 'tor', teacher: 'teacher' });
  expect(ownBase('tor+pm (methods tor,tor+pm, student mlp:25)')).toEqual({
    name: 'tor (methods tor,tor+pm, student mlp:25)',
    teacher: 'teacher (methods tor,tor+pm, student mlp:25)',
  });
  expect(ownBase('tor (methods tor,tor+pm)')).toBeUndefined();
});

test('what is missing or failed is said, and the rest merged', () => {
  const partial = merge(plan, (id) => {
    if (id === 'a.csv 0 imitation') return undefined;
    const error = { message: 'loss not finite', isWorthRetry: false };
    if (id === 'b.csv 0.1 scratch') return resultOf(id, { seeds: [], error, adapter: 'another' });
    return resultOf(id);
  });
  const text = mergedMarkdown(partial);
  expect(text).toContain('- 16 of 18 runs are done');
  expect(text).toContain('- missing: run 1 (data a.csv, noise 0, methods imitation)\n');
  expect(text).toContain('- failed: run 12 (data b.csv, noise 0.1, methods scratch): loss not finite\n');
  expect(text).toContain('- results of 2 adapters: an adapter; another\n');
  expect(text).toContain('Over 4 cells of the grid; 2 without results of every method are left out.');
  expect(partial.cells[0]!.rows.map(({ method }) => method)).toEqual(['teacher', 'scratch', 'imitation+pm']);
  expect(partial.cells[4]!.rows.find(({ method }) => method === 'imitation+pm')!.toBaseline).toBeUndefined();
  expect(mergedPage(partial)).toContain('loss not finite');
});

test('without the baseline there are ranks, and no empty column beside them', () => {
  const whole = mergedMarkdown(merge(plan, resultOf));
  expect(whole).toContain('| mean rank | reduction to scratch | 95 % CI |');
  const without = merge({ ...plan, baseline: 'tor' }, resultOf);
  expect(mergedMarkdown(without)).toMatch(/\| mean rank \|\n/);
  expect(mergedPage(without)).not.toContain('A reduction is');
});

test('nothing done yet merges too', () => {
  const empty = merge(plan, () => undefined);
  expect(mergedMarkdown(empty)).toContain('0 of 18 runs are done');
  expect(mergedPage(empty)).toContain('0 of 18');
});

test('CSV has every digit, and a line a cell and method, or a network', () => {
  const [head, ...lines] = mergedCsv(whole).trimEnd().split('\n');
  expect(head!.split(',').slice(0, 9)).toEqual(
    'data,noise,method,metric,mean,low,high,n,parameters'.split(','),
  );
  expect(lines).toHaveLength(6 * 4);
  expect(lines[1]).toMatch(/^a\.csv,0,scratch,rmse,1\.005,/);
  for (const line of lines) expect(line.split(',')).toHaveLength(head!.split(',').length);
  expect(seedsCsv(whole).trimEnd().split('\n')).toHaveLength(1 + 6 * 4 * 2);
  expect(seedsCsv(whole)).toContain('b.csv,0.2,imitation,rmse,1,1.03,\n');
});

test('times change nothing; the page asks for nothing and has no unescaped name', () => {
  const page = mergedPage(whole);
  expect(mergedPage(merge(plan, resultOf))).toBe(page);
  expect(page).toContain('made &lt;up&gt;');
  expect(page).not.toMatch(/<up>|NaN|undefined|https?:|<script/);
  // A chart a data set over noise, a panel of bars a cell.
  expect(page.match(/id="axis-1-\d-title"/g)).toHaveLength(2);
  expect(page.match(/id="reduction-\d-title"/g)).toHaveLength(6);
});
