/** The report: complete, self-contained, safe with any text, and honest about marks. */

import { expect, test } from 'vitest';
import { renderReport } from '../../report/report.ts';
import { labelKinds } from '../../report/report-marks.ts';
import { linearScale, logScale } from '../../report/report-svg.ts';
import { summarise } from '../../study/summary.ts';
import { fakeConfig, fakeOutcome as outcome, fakeSeed, fakeTableSeed } from '../fake-study.ts';

const seeds = [fakeSeed(fakeConfig, 0), fakeSeed(fakeConfig, 1), fakeSeed(fakeConfig, 2)];

/** What of a pattern is in a page; a failure then shows this and not the page. */
const found = (html: string, pattern: RegExp) => html.match(pattern)?.[0];

const render = (adapter = 'fake', list = seeds, methods = fakeConfig.methods) => {
  const config = { ...fakeConfig, methods };
  return renderReport(config, summarise(config, { ...outcome, adapter }, list), list);
};

test('every method and every seed is there', () => {
  const html = render();
  for (const method of ['teacher', ...fakeConfig.methods]) {
    expect(html.includes(`<th scope="row">${method}</th>`)).toBe(true);
    expect(html.includes(`>${method}, seed 2: distance from the clean function`)).toBe(true);
  }
  for (const { seed } of seeds) expect(html.includes(`id="seed-${seed}"`)).toBe(true);
  expect(html.includes('tor-dual is better than scratch')).toBe(true);
});

test('it asks nothing of a network and runs no script', () => {
  const html = render();
  expect(found(html, /https?:|\/\/[a-z]|url\(|@import|<script|<link|<img|\son[a-z]+=/i)).toBeUndefined();
});

test('all four kinds of labels are drawn and counted', () => {
  const html = render();
  const { points } = seeds[0]!;
  for (const kind of labelKinds) {
    const count = points.x.filter(
      (_, i) => points.outlier![i] === kind.isOutlier && points.rejected[i] === kind.isRejected,
    ).length;
    expect(html.includes(`${kind.words} <b>${count}</b>`)).toBe(true);
    const [, data] = new RegExp(`<path class="label ${kind.name}" d="(M[^"]*M[^"]*)"`).exec(html) ?? [];
    if (count > 1) expect(data?.match(/M/g)?.length).toBe(count);
  }
});

test('text is escaped wherever it comes from', () => {
  const evil = '<script>alert("x")</script>\'&';
  const list = seeds.map((seed) => ({
    ...seed,
    results: seed.results.map((result) => (result.method === 'tor' ? { ...result, method: evil } : result)),
  }));
  const html = render(
    evil,
    list,
    fakeConfig.methods.map((method) => (method === 'tor' ? evil : method)),
  );
  expect(html.includes('<script')).toBe(false);
  expect(html.includes('"x"')).toBe(false);
  expect(html.includes('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&#39;&amp;')).toBe(true);
});

test('ids are unique and every svg has title and description', () => {
  const html = render();
  const ids = [...html.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [, title, description] of html.matchAll(/aria-labelledby="(\S+) (\S+)"/g)) {
    expect(ids).toContain(title);
    expect(ids).toContain(description);
  }
  const charts = html.match(/<svg class="chart/g)?.length;
  expect(html.match(/role="img" aria-labelledby/g)?.length).toBe(charts);
});

test.each([
  ['one seed', seeds.slice(0, 1), fakeConfig.methods],
  ['no baseline', seeds, ['tor']],
  ['the teacher alone', seeds.map((seed) => ({ ...seed, results: seed.results.slice(0, 1) })), ['scratch']],
  ['nothing finished', [], ['scratch']],
])('%s gives a page without NaN', (_, list, methods) => {
  const html = render('fake', list, methods);
  expect(html.includes('</html>')).toBe(true);
  expect(found(html, /NaN|Infinity|undefined/)).toBeUndefined();
});

test.each([1, 3])(
  'a table with %i targets: a panel a network and target, the diagonal, and no claim on outliers',
  (count) => {
    const target = ['a < b', 'y', 'z'].slice(0, count);
    const config = {
      ...fakeConfig,
      data: 'table' as const,
      file: 'some/where.csv',
      target,
      noise: 0,
      testRows: 201,
    };
    const list = [0, 1].map((seed) => fakeTableSeed(config, seed));
    const html = renderReport(config, summarise(config, outcome, list), list);
    for (const method of ['teacher', ...config.methods])
      expect(html.includes(`>${method}, seed 1: predicted over true a &lt; b</title>`)).toBe(true);
    const [, dots] = /<path class="scatter m1" d="([^"]*)"/.exec(html) ?? [];
    expect(dots?.match(/M/g)).toHaveLength(201 / count);
    expect(html.match(/<path class="clean"/g)).toHaveLength(2 * count * (config.methods.length + 2));
    const kept = list[0]!.points.rejected.filter((bit, i) => !bit && i % count === 0).length;
    expect(html.includes(`>kept <b>${kept}</b>`)).toBe(true);
    expect(html.includes('to the held-out labels')).toBe(true);
    expect(found(html, /NaN|Infinity|undefined|clean function|outlier, |precision of/)).toBeUndefined();
    const ids = [...html.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  },
);

test('a clean data set and an unwell loss do not break the charts', () => {
  const seed = structuredClone(seeds[0]!);
  seed.points.outlier!.fill(false);
  seed.points.rejected.fill(false);
  for (const result of seed.results) for (const point of result.curve) point.loss = 0;
  expect(found(render('fake', [seed]), /NaN|Infinity|undefined/)).toBeUndefined();
});

test('ticks are round and inside', () => {
  expect(linearScale([0, 1], [0, 100]).ticks.map((tick) => tick.toFixed(1))).toEqual([
    '0.0',
    '0.2',
    '0.4',
    '0.6',
    '0.8',
    '1.0',
  ]);
  expect(linearScale([-0.07, 0.02], [0, 100], 4).ticks.map((tick) => tick.toFixed(2))).toEqual([
    '-0.05',
    '0.00',
  ]);
  expect(logScale([0.03, 1], [0, 1]).ticks).toEqual([0.05, 0.1, 0.2, 0.5, 1]);
});
