/** Trainings in stages in the report: where stages begin, how hard anchors were, what controls say. */
import { expect, test } from 'vitest';
import { renderReport } from '../../report/report.ts';
import { summarise } from '../../study/summary.ts';
import { fakeConfig, fakeOutcome as outcome, fakeSeed } from '../fake-study.ts';

const methods = ['imitation', 'imitation+rco', 'imitation+longer'];
const config = { ...fakeConfig, methods };
const seeds = [0, 1].map((seed) => {
  const made = fakeSeed(config, seed);
  return {
    ...made,
    results: made.results.map((result, i) => ({
      ...result,
      imitationLoss: 0.1 * i + 0.01 * seed,
      ...(result.method === 'imitation+rco'
        ? {
            stages: [
              { name: 'anchor 1', from: 0 },
              { name: 'anchor <2>', from: 100 },
            ],
            hardness: [
              { stage: 'anchor 1', share: 0.5, before: 0.9, after: 0.25 },
              { stage: 'anchor <2>', share: 1, before: 0.5, after: 0.125 + 0.25 * seed },
            ],
          }
        : {}),
    })),
  };
});
const page = (list: typeof seeds) => renderReport(config, summarise(config, outcome, list), list);

test('a line where a stage begins, hardness as table and picture, differences to controls', () => {
  const html = page(seeds);
  expect(html.match(/<title>imitation\+rco: anchor &lt;2&gt; from step 100<\/title>/g)).toHaveLength(2);
  expect(html.includes('<title>imitation+rco: anchor 1')).toBe(false);
  expect(html.includes('aria-labelledby="hardness-title')).toBe(true);
  expect(html.includes('<td class="number">0.2500</td>')).toBe(true);
  expect(html.includes('<th scope="row">imitation+rco − imitation+longer</th>')).toBe(true);
  expect(html.includes('anchor <2>')).toBe(false);
});

test('nothing of it where there are no stages', () => {
  const plain = seeds.map((seed) => ({
    ...seed,
    results: seed.results.filter(({ method }) => method === 'imitation' || method === 'teacher'),
  }));
  const html = page(plain as typeof seeds);
  for (const words of ['Hardness', 'Whom students learn from', 'class="stage', 'Dashed lines'])
    expect(html.includes(words)).toBe(false);
});
