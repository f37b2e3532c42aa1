/** Mixtures of a teacher's layers as aggregation.json keeps them, and what is said and drawn of them. */
import { describe, expect, test } from 'vitest';
import {
  agreement,
  type Aggregation,
  foundIn,
  meanAlphas,
  parseAggregation,
  shallowShare,
} from '../../base/aggregation.ts';
import { aggregationSection } from '../../report/methods/aggregation-section.ts';
import { aggregationText } from '../../report/methods/aggregation-text.ts';
import type { SeedResult } from '../../study/results.ts';

const seed = (number: number, alpha: readonly number[]): Aggregation => ({
  seed: number,
  groups: [
    {
      student: 'trunk.0',
      layers: ['trunk.0', '<b>'],
      alpha,
      curve: [
        { step: 5, alpha: [0.5, 0.5] },
        { step: 10, alpha },
      ],
    },
  ],
});
const both = [seed(0, [0.25, 0.75]), seed(1, [0.75, 0.25])];
const file = (changes: object = {}) =>
  JSON.stringify({
    version: 1,
    teacher: 't',
    student: 's',
    found: [{ method: 'dfa', seeds: both }],
    ...changes,
  });
// The casts: of a seed's result nothing else is looked at.
const results = both.map(
  (aggregation) =>
    ({ results: [{ method: 'scratch' }, { method: 'dfa', aggregation }] }) as unknown as SeedResult,
);

test('a file is read as it was written: the first method, without its curves', () => {
  const { method, seeds } = parseAggregation(file(), 'a.json');
  expect(method).toBe('dfa');
  expect(seeds.map((each) => each.groups[0]!.alpha)).toEqual([
    [0.25, 0.75],
    [0.75, 0.25],
  ]);
  expect(foundIn(results)).toEqual([{ method: 'dfa', seeds: both }]);
});

describe('another file is refused with its place', () => {
  const found = (group: object) =>
    file({ found: [{ method: 'dfa', seeds: [{ seed: 0, groups: [group] }] }] });
  test.each([
    ['no JSON', '{', 'a.json: is no JSON; wants the aggregation.json of a run of dfa'],
    ['null', 'null', 'a.json: is no aggregation of version 1'],
    ['another version', file({ version: 2 }), 'a.json: is no aggregation of version 1'],
    ['nothing found', file({ found: [] }), 'a.json: is no aggregation of version 1'],
    [
      'no groups',
      file({ found: [{ seeds: [{ seed: 0 }] }] }),
      'found[0].seeds[0] wants a seed and its groups',
    ],
    ['no names', found({ alpha: [1] }), 'found[0].seeds[0].groups[0] wants the names of student and layers'],
    [
      'too few',
      found({ student: 'a', layers: ['b', 'c'], alpha: [1] }),
      'wants an alpha from 0 to 1 for each of its 2',
    ],
    ['no shares', found({ student: 'a', layers: ['b', 'c'], alpha: [0.2, 0.2] }), 'add up to 0.4, not to 1'],
    ['negative', found({ student: 'a', layers: ['b', 'c'], alpha: [-1, 2] }), 'wants an alpha from 0 to 1'],
    [
      'other layers',
      file({
        found: [{ seeds: [both[0], { seed: 1, groups: [{ student: 'a', layers: ['x'], alpha: [1] }] }] }],
      }),
      'its seeds have different layers',
    ],
  ])('%s', (_, text, message) => {
    expect(() => parseAggregation(text, 'a.json')).toThrow(message);
  });
});

test('means, agreement and the share of the shallower half', () => {
  expect(meanAlphas(both)).toEqual([[0.5, 0.5]]);
  expect(
    agreement([
      [1, 0],
      [0, 2],
    ]),
  ).toBe(0);
  expect(
    agreement([
      [1, 2],
      [2, 4],
    ]),
  ).toBeCloseTo(1, 12);
  expect(agreement([[1, 2]])).toBeNaN();
  expect(shallowShare([0.1, 0.2, 0.3, 0.4])).toBeCloseTo(0.3, 12);
  expect(shallowShare([0.2, 0.4, 0.4])).toBeCloseTo(0.4, 12);
});

test('what was found is said and drawn, group by group and seed by seed; nothing where nothing was', () => {
  expect(aggregationText(results)).toBe(
    'dfa mixes\n  for trunk.0: trunk.0 0.500, <b> 0.500; on the shallower half 0.50; cosine between seeds 0.600',
  );
  const html = aggregationSection(results, () => 'm7');
  expect(html.match(/<rect class="area m7"/g)).toHaveLength(2);
  expect(html.match(/<circle class="dot m7"/g)).toHaveLength(4);
  expect(html.match(/class="faint m7"/g)).toHaveLength(4);
  expect(html.match(/class="line m7"/g)).toHaveLength(2);
  expect(html).toContain('seed 1: 0.250');
  expect(html).not.toContain('<b>');
  expect(aggregationSection([], () => 'm7') + aggregationText([])).toBe('');
});
