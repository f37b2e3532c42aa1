/** STUDY.json and the plan made of it: what is taken, what is refused and where, and which runs come out. */
import { checkJsonShape } from '../../study/plan/json-shape.ts';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { makePlan, parseRun } from '../../study/plan/plan.ts';
import { readOnce } from '../../study/plan/read-once.ts';
import { parseStudy } from '../../study/plan/study-file.ts';
import { studySchema } from '../../study/plan/study-schema.ts';
import { methodNames, planStudy } from '../../study/study.ts';

const parse = (study: unknown) =>
  parseStudy(typeof study === 'string' ? study : JSON.stringify(study), 'study.json', methodNames);

const { signal } = new AbortController();
const read = readOnce({ signal, onProgress() {}, onSkip() {} });
const planOf = (study: object, version = '1', note?: (text: string) => void) =>
  makePlan(parse({ name: 'x', ...study }), {
    methodNames,
    planStudy,
    read,
    version,
    ...(note ? { note } : {}),
  });

test('options become the texts of the command line', () => {
  const { base, axes } = parse({
    name: 'x',
    base: { 'train-rows': 50, methods: ['scratch', 'tor'], rule: 'mad', 'skip-bad': true },
    grid: { noise: [0, 0.2], data: ['sinusoid', { data: 'wine.csv', target: ['a', 'b'], epochs: 9 }] },
  });
  expect(base).toEqual({ 'train-rows': '50', methods: 'scratch,tor', rule: 'mad', 'skip-bad': '' });
  expect(axes).toEqual([
    {
      name: 'noise',
      entries: [
        { value: 0, options: { noise: '0' } },
        { value: 0.2, options: { noise: '0.2' } },
      ],
    },
    {
      name: 'data',
      entries: [
        { value: 'sinusoid', options: { data: 'sinusoid' } },
        { value: 'wine.csv', options: { data: 'wine.csv', target: 'a,b', epochs: '9' } },
      ],
    },
  ]);
});

test('an axis of any name sets several options at once; two settings of one data set are told apart', () => {
  const { axes } = parse({
    name: 'x',
    grid: {
      networks: [{ teacher: 'mlp:9', student: 'mlp:3' }],
      data: [
        { data: 'sinusoid', frequency: 1 },
        { data: 'sinusoid', frequency: 2 },
      ],
    },
  });
  expect(axes.map(({ entries }) => entries.map(({ value }) => value))).toEqual([
    ['teacher mlp:9, student mlp:3'],
    ['sinusoid, frequency 1', 'sinusoid, frequency 2'],
  ]);
});

test.each<[unknown, string]>([
  ['{"name": "x",\n  "grid": {,}}', 'study.json: line 2, column 12: no JSON'],
  ['[]', 'study.json: wants an object, not []'],
  [{}, 'study.json: name: wants a name of letters'],
  [{ name: '../x' }, 'study.json: name: wants a name of letters'],
  [{ name: 'x', gird: {} }, "study.json: gird: unknown member, did you mean 'grid'?"],
  [{ name: 'x', grid: [] }, 'study.json: grid: wants an object, not []'],
  [{ name: 'x', grid: { noise: 0.1 } }, 'study.json: grid.noise: wants a list of one value or more, not 0.1'],
  [{ name: 'x', grid: { noise: [] } }, 'study.json: grid.noise: wants a list of one value or more, not []'],
  [
    { name: 'x', grid: { noise: [0, 2] } },
    "study.json: grid.noise[1]: noise must be a number from 0 to 1, not '2'",
  ],
  [{ name: 'x', grid: { noise: [0, [1]] } }, 'study.json: grid.noise[1]: noise wants a number, not [1]'],
  [
    { name: 'x', grid: { trainRows: [9] } },
    "study.json: grid.trainRows: unknown option 'trainRows', did you mean 'train-rows'?",
  ],
  [{ name: 'x', base: { lr: 1 } }, "study.json: base.lr: unknown option 'lr', did you mean 'learning-rate'?"],
  [{ name: 'x', base: { out: 'y' } }, "study.json: base.out: 'out' steers the command distill"],
  [
    { name: 'x', base: { 'skip-bad': 1 } },
    'study.json: base.skip-bad: skip-bad is a flag and wants true, not 1',
  ],
  [{ name: 'x', base: { rule: null } }, 'study.json: base.rule: rule wants a text, not null'],
  [{ name: 'x', base: { student: 'mlp:x' } }, 'study.json: base.student: student'],
  [
    { name: 'x', grid: { methods: ['scrath'] } },
    "study.json: grid.methods[0]: methods unknown method 'scrath', did you mean 'scratch'?",
  ],
  [{ name: 'x', grid: { noise: [0, 0] } }, "study.json: grid.noise[1]: '0' is in the list before"],
  [{ name: 'x', grid: { a: [{}] } }, 'study.json: grid.a[0]: sets no option; name one'],
  [
    { name: 'x', baseline: 'scrath' },
    "study.json: baseline: methods unknown method 'scrath', did you mean 'scratch'?",
  ],
  [
    { name: 'x', grid: { noise: [0], data: [{ data: 'sinusoid', noise: 0.1 }] } },
    "study.json: grid.data: sets 'noise', and so does grid.noise; leave it to one of them",
  ],
])('%j is refused with its place', (study, message) => {
  expect(() => parse(study)).toThrow(message);
});

describe('a plan', () => {
  test('has a run a combination, the first axis slowest; an axis overrules the base', async () => {
    const { runs } = await planOf({
      base: { noise: 0.5, 'train-rows': 20 },
      grid: { noise: [0, 0.1], methods: ['scratch', 'tor'], seed: [3, 4] },
    });
    expect(runs.map(({ at }) => Object.values(at).join(' '))).toEqual([
      '0 scratch 3',
      '0 scratch 4',
      '0 tor 3',
      '0 tor 4',
      '0.1 scratch 3',
      '0.1 scratch 4',
      '0.1 tor 3',
      '0.1 tor 4',
    ]);
    expect(runs[7]).toMatchObject({ index: 7, methods: ['tor'], seeds: [4] });
    expect(parseRun(runs[7]!.options, methodNames).config).toMatchObject({
      noise: 0.1,
      trainRows: 20,
      seed: 4,
      seeds: 1,
    });
  });

  test('has ids that depend on configuration, data and version alone', async () => {
    const ids = async (...given: Parameters<typeof planOf>) =>
      (await planOf(...given)).runs.map(({ id }) => id);
    const first = await ids({ grid: { noise: [0, 0.1] } });
    expect(new Set(first).size).toBe(2);
    // 0.2 is the default: said or not said, it is the same run.
    expect(await ids({ base: { rule: 'mad' }, grid: { noise: [0.1, 0.2, 0] } })).toEqual([
      first[1],
      (await ids({}))[0],
      first[0],
    ]);
    expect(await ids({ grid: { noise: [0, 0.1] } }, '2')).not.toContain(first[0]);
    expect((await ids({ base: { noise: 0, epochs: 3 } }))[0]).not.toBe(first[0]);
  });

  test.each<[object, string]>([
    [
      { grid: { data: ['sinusoid', 'nowhere.csv'] } },
      'run 1 (data nowhere.csv): cannot read nowhere.csv: no such file',
    ],
    [{ base: { target: 'y' } }, 'run 0: --target belongs to --data FILE.csv'],
    [
      { base: { seeds: 2 }, grid: { seed: [0, 1] } },
      'run 1 (seed 1) trains what run 0 (seed 0) trains; take a value out of the grid, or let seeds not overlap',
    ],
    [{ base: { methods: 'tor' }, baseline: 'scratch' }, "baseline: no run trains 'scratch'"],
  ])('of %j is refused', async (study, message) => {
    await expect(planOf(study)).rejects.toThrow(message);
  });
});

test('docs/study.schema.json is that of the options (npm run -s study -- schema > docs/study.schema.json)', () => {
  const path = fileURLToPath(new URL('../../docs/study.schema.json', import.meta.url));
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(
    JSON.parse(JSON.stringify(studySchema(methodNames))),
  );
});

test('an option that has no effect in any run is told, one that has in some is not', async () => {
  const notes: string[] = [];
  await planOf(
    { base: { sigma: 0.5, quantile: 0.8, seeds: 1 }, grid: { methods: ['imitation', 'imitation+pm'] } },
    '1',
    (text) => notes.push(text),
  );
  expect(notes).toEqual(['note: --quantile has no effect here: it is about --rule quantile']);
});

test('members that are there twice, and texts that go too deep, are refused with their place', () => {
  const fails = (text: string) => {
    try {
      checkJsonShape(text, 's.json');
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(fails('{"a":1,\n "base":{"epochs":1,"epochs":2}}')).toBe(
    "s.json: line 2, column 21: 'base.epochs' is there twice; leave one out",
  );
  expect(fails('{"grid":{"data":[{"noise":1},{"noise":1,"noi\\u0073e":2}]}}')).toContain(
    "'grid.data[1].noise' is there twice",
  );
  expect(fails('{"a":{"b":1},"c":{"b":"a\\":\\"a","a":["a",{"a":"}"}]},"d":"a"}')).toBe('');
  expect(fails('['.repeat(1e6))).toContain('line 1, column 101: nested more than 100 deep');
  // What is no JSON is told by who reads it.
  for (const text of ['{"a":', '}}]]', '{"a" "a":1}', '"', ':::']) expect(fails(text)).toBe('');
});
