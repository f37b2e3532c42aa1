/** Studies on a table: several inputs and targets, splits by seed, known and unknown outliers, pauses. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Table } from '../../datasets/dataset.ts';
import { tableDataset } from '../../datasets/table-dataset.ts';
import { uniformValues } from '../../engine/random.ts';
import { chosenMethod } from '../../methods/chosen-method.ts';
import { mlp } from '../../models/mlp.ts';
import { networkOutputs } from '../../study/data/evaluate.ts';
import { tableDefaults } from '../../study/options/study-defaults.ts';
import type { SeedResult, StudyConfig } from '../../study/results.ts';
import { methodNames, runStudy } from '../../study/study.ts';
import type { StudyInput } from '../../study/study-input.ts';
import type { StudyHooks } from '../../study/study-types.ts';
import { allRows } from '../../study/rows.ts';
import { summarise } from '../../study/summary.ts';
import { configFor } from '../../study/options/input-config.ts';
import { tableInputs } from '../../study/data/inputs.ts';
import { gpu } from '../backends.ts';
import { quietHooks } from '../quiet-hooks.ts';

/** Columns a, b, sum = 100 + 5 a - 3 b, product = a b, and one that never changes. */
function tableOf(rows: number): Table {
  const columns = ['a', 'constant', 'b', 'product', 'sum'];
  const random = uniformValues(2 * rows);
  const values = Array.from({ length: rows }, (_, i) => {
    const [a, b] = [random[2 * i]!, random[2 * i + 1]!];
    return [a, 7.1, b, a * b, 100 + 5 * a - 3 * b];
  });
  return { columns, rows, values: Float64Array.from(values.flat()) };
}

const table = tableOf(60);
/** All but the one that wants several teachers and those for classes; and two with add-ons. */
const trained = [
  ...methodNames.filter(
    (method) => method !== 'ensemble' && chosenMethod(method).method.labels !== 'classes',
  ),
  'imitation+pm+abm+gm',
  'tor-dual+pm',
];

const tiny: StudyConfig = {
  ...tableDefaults,
  file: 'made.csv',
  seeds: 3,
  seed: 4,
  epochs: 4,
  teacherEpochs: 3,
  batchSize: 16,
  methods: trained,
  teacher: 'mlp:12,12',
  student: 'mlp:6',
  impressionSteps: 4,
  dfaSearchSteps: 4,
};

async function run(
  changes: Partial<StudyConfig>,
  { of = table, input = {}, ...hooks }: Partial<StudyHooks> & { of?: Table; input?: StudyInput } = {},
) {
  const given = { ...input, table: of };
  const config = configFor({ ...tiny, ...changes }, given);
  const finished: SeedResult[] = [];
  const weights: Uint8Array[] = [];
  const outcome = await runStudy(
    config,
    quietHooks({
      onNetwork: async (_, bytes) => void weights.push(bytes),
      onSeed: async (seed) => void finished.push(seed),
      ...hooks,
    }),
    given,
  );
  return {
    config,
    outcome,
    weights,
    seeds: outcome.seeds,
    summary: summarise(config, outcome, outcome.seeds),
  };
}

const timeless = (seeds: readonly SeedResult[]) =>
  seeds.map((seed) => ({ ...seed, results: seed.results.map((result) => ({ ...result, seconds: 0 })) }));

let alone: Awaited<ReturnType<typeof run>>;
beforeAll(async () => {
  alone = await run({ target: ['sum', 'product'], batchSeeds: 1 });
});

describe('several inputs and targets', () => {
  test('side by side or alone: the same weights, errors and predictions', async () => {
    const together = await run({ target: ['sum', 'product'], batchSeeds: 3 });
    expect(timeless(together.seeds)).toEqual(timeless(alone.seeds));
    expect(together.weights.length).toBe(3 * allRows(tiny).length);
  });

  test('predictions stand beside the labels of that seed, and give the error that is told', () => {
    for (const { seed, results } of alone.seeds) {
      const random = {
        uniform: (count: number, call: number) => uniformValues(count, { seed, call }),
        normal: () => Promise.reject(new Error('not needed')),
      };
      const { test: held } = tableDataset(table, { random, target: ['sum', 'product'] });
      for (const { fit, rmse } of results) {
        if (fit.kind !== 'predictions') throw new Error('several inputs have no curve');
        expect(fit.label).toEqual([...held.y]);
        const squares = fit.predicted.map((value, i) => (value - fit.label[i]!) ** 2);
        expect(Math.sqrt(squares.reduce((sum, x) => sum + x, 0) / squares.length)).toBeCloseTo(rmse!, 10);
      }
    }
    const [first, second] = alone.seeds.map(({ results }) => results[0]!.fit);
    expect(first).not.toEqual(second);
  });

  test('each target has its RMSE, mean absolute error and R²', () => {
    for (const { results } of alone.seeds)
      for (const { fit, rmse, targets } of results) {
        if (fit.kind !== 'predictions') throw new Error('several inputs have no curve');
        const gaps = fit.predicted.map((value, i) => value - fit.label[i]!);
        expect(targets).toHaveLength(2);
        expect((targets[0]!.rmse ** 2 + targets[1]!.rmse ** 2) / 2).toBeCloseTo(rmse! ** 2, 8);
        const own = gaps.filter((_, i) => i % 2 === 1);
        expect(targets[1]!.mae).toBeCloseTo(
          own.reduce((sum, gap) => sum + Math.abs(gap), 0) / own.length,
          10,
        );
        const labels = fit.label.filter((_, i) => i % 2 === 1);
        const middle = labels.reduce((a, b) => a + b) / labels.length;
        const spread = labels.reduce((sum, y) => sum + (y - middle) ** 2, 0);
        expect(targets[1]!.r2).toBeCloseTo(1 - own.reduce((sum, gap) => sum + gap ** 2, 0) / spread, 9);
      }
    const [row] = alone.summary.rows;
    const of = alone.seeds.map(({ results }) => results[0]!.targets[0]!.mae);
    expect(row!.targets![0]!.mae).toBeCloseTo(of.reduce((a, b) => a + b) / of.length, 12);
  });

  test('a mask is not judged where nobody knows the truth', () => {
    const { points, mask } = alone.seeds[0]!;
    expect(mask).toEqual({ precision: null, recall: null });
    expect(points).toMatchObject({ against: 'teacher', outlier: null });
    expect([points.x.length, points.y.length, points.rejected.length]).toEqual([96, 96, 96]);
    expect(alone.summary).toMatchObject({
      data: 'made.csv',
      target: ['sum', 'product'],
      reference: 'held-out labels',
      mask: { precision: null, recall: null },
    });
    expect(alone.summary.mask.rejected).toBeGreaterThanOrEqual(0);
  });
});

test('injected outliers are known, and the teacher finds them', async () => {
  const { summary, seeds } = await run(
    {
      noise: 0.2,
      outlierSize: 8,
      epochs: 30,
      teacherEpochs: 60,
      seeds: 2,
      methods: ['scratch', 'tor-dual'],
    },
    { of: tableOf(200) },
  );
  expect(seeds[0]!.points.outlier!.filter(Boolean).length).toBeGreaterThan(10);
  expect(summary.mask.precision).toBeGreaterThan(0.6);
  expect(summary.mask.recall).toBeGreaterThan(0.3);
  // 'sum' is spread by 1.7: better than its mean, and in its own units.
  for (const { mean } of summary.rows) expect(mean).toBeLessThan(1.7);
});

test('one input and one target: a curve over the range of the input', async () => {
  const columns = ['a', 'b'];
  const values = Float64Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? 50 + i : i));
  const { seeds } = await run({ seeds: 1, methods: ['tor'] }, { of: { columns, rows: 20, values } });
  const { fit } = seeds[0]!.results[0]!;
  if (fit.kind !== 'curve') throw new Error('no curve');
  expect([fit.x[0], fit.x.at(-1), fit.y.length]).toEqual([50, 88, 201]);
  expect(seeds[0]!.points.against).toBe('input');
});

test.each(['early-stopping', 'out-of-fold'] as const)('teachers %s', async (teacherMode) => {
  const changes = { teacherMode, target: ['sum', 'product'], methods: ['tor-dual'] };
  const [one, three] = [await run({ ...changes, batchSeeds: 1 }), await run({ ...changes, batchSeeds: 3 })];
  expect(timeless(three.seeds)).toEqual(timeless(one.seeds));
});

test('a pause at every third step changes nothing', async () => {
  let asked = 0;
  const pause = () =>
    asked++ % 3 === 0 ? new Promise<void>((resolve) => setTimeout(resolve, 5)) : undefined;
  const paused = await run({ target: ['sum', 'product'] }, { pause });
  expect(timeless(paused.seeds)).toEqual(timeless(alone.seeds));
  // 48 training rows in batches of 16: three steps an epoch; and those before the students of dfa and impressions.
  expect(asked).toBe(3 * 3 + trained.length * 3 * 4 + 3 * tiny.dfaSearchSteps + tiny.impressionSteps);
});

test('the time of a pause is not counted', async () => {
  let pauses = 0;
  const pause = () => (++pauses > 1 ? undefined : new Promise<void>((resolve) => setTimeout(resolve, 4000)));
  const from = performance.now();
  const { seeds } = await run({ seeds: 1, methods: ['scratch'] }, { pause });
  const elapsed = (performance.now() - from) / 1000;
  const counted = seeds[0]!.results.reduce((sum, { seconds }) => sum + seconds!, 0);
  expect(elapsed - counted).toBeGreaterThan(3.9);
});

test('an interruption ends a pause', async () => {
  const interrupt = new AbortController();
  let asked = 0;
  const pause = () => {
    if (++asked < 4) return undefined;
    interrupt.abort();
    return Promise.resolve();
  };
  const { outcome } = await run({}, { pause, signal: interrupt.signal });
  expect(outcome).toMatchObject({ interrupted: true, seeds: [] });
  expect(asked).toBe(4);
});

test.each([
  [
    { target: ['c'] },
    "made.csv: target: there is no column 'c'; there are 'a', 'constant', 'b', 'product', 'sum'",
  ],
  [{ target: table.columns as string[] }, 'made.csv: all columns are targets'],
  [{ testShare: 0.9 }, '6 of its 60 rows are left to train on; a study needs 10'],
])('%j does not fit the table', async (changes, message) => {
  await expect(run(changes)).rejects.toThrow(message);
});

test('students see a fraction of the rows, their teacher all', async () => {
  const whole = await run({ seeds: 2, methods: ['imitation'] });
  const part = await run({ seeds: 2, methods: ['imitation'], trainFraction: 0.25, batchSeeds: 1 });
  const hashes = ({ summary }: typeof whole) => summary.rows.map(({ weightsSha256 }) => weightsSha256);
  expect(hashes(part)[0]).toEqual(hashes(whole)[0]);
  expect(hashes(part)[1]).not.toEqual(hashes(whole)[1]);
  const together = await run({ seeds: 2, methods: ['imitation'], trainFraction: 0.25 });
  expect(hashes(together)).toEqual(hashes(part));
  await expect(run({ trainFraction: 0.02 })).rejects.toThrow(/a fraction of 0\.02 of 48 training rows is 1/);
});

test('several teachers: their mean, and students that learn its variance', async () => {
  const changes = { teacherMode: 'ensemble', methods: ['ensemble', 'imitation+gm'], seeds: 2 } as const;
  const { seeds } = await run({ ...changes, methods: [...changes.methods], batchSeeds: 2 });
  const alone2 = await run({ ...changes, methods: [...changes.methods], batchSeeds: 1 });
  expect(timeless(seeds)).toEqual(timeless(alone2.seeds));
  expect(seeds[0]!.results[0]!.params).toBe(5 * (4 * 12 + 12 + 12 * 12 + 12 + 12 + 1));
  await expect(run({ methods: ['ensemble'] })).rejects.toThrow('it wants --teacher-mode ensemble');
  await expect(run({ teacherMode: 'ensemble', methods: ['hint'] })).rejects.toThrow(
    'wants the features of one',
  );
});

test('published splits by seed, whole groups, missing numbers', async () => {
  const rows = (from: number, to: number) => Uint32Array.from({ length: to - from }, (_, i) => from + i);
  const splits = [
    { train: rows(0, 40), test: rows(40, 60) },
    { train: rows(20, 60), test: rows(0, 20) },
  ];
  const given = { seeds: 2, methods: ['scratch'], seed: 0 };
  const published = await run(given, { input: { splits, targets: ['product'] } });
  expect(published.config).toMatchObject({ trainRows: 40, testRows: 20, target: ['product'] });
  const labels = published.seeds.map(({ results }) => (results[0]!.fit as { label: number[] }).label);
  const product = (row: number) => table.values[row * 5 + 3]!;
  expect(labels).toEqual([[...rows(40, 60)].map(product), [...rows(0, 20)].map(product)]);
  // Five groups of 12 rows, and one of 0: parts of different sizes cannot be side by side, and are not.
  const groups = Array.from({ length: 60 }, (_, i) => (i < 30 ? 'large' : `small ${i % 3}`));
  const grouped = await run({ ...given, seeds: 3 }, { of: { ...table, groups } });
  const sizes = grouped.seeds.map(({ points }) => points.y.length);
  for (const size of sizes) expect([30, 40, 50]).toContain(size);
  const values = Float64Array.from(table.values);
  values[5 * 7] = NaN;
  await expect(run(given, { of: { ...table, values } })).rejects.toThrow(
    "column 'a' has a missing number in row 7",
  );
  const dropped = await run({ ...given, missing: 'drop' }, { of: { ...table, values } });
  expect(dropped.config.trainRows + dropped.config.testRows).toBe(59);
  const filled = await run({ ...given, missing: 'median' }, { of: { ...table, values } });
  expect(filled.config.trainRows + filled.config.testRows).toBe(60);
});

test('data and table belong together', () => {
  expect(() => configFor(tiny, {})).toThrow("data 'table' wants a table");
  expect(() => configFor({ ...tiny, data: 'sinusoid' }, { table })).toThrow('makes its own samples');
});

test('a long table is predicted in parts, with the numbers of each row alone', async () => {
  const backend = await gpu();
  const model = mlp({ backend, widths: [3], seed: [1, 2] });
  const rows = 40_000;
  const x = Float32Array.from({ length: rows }, (_, i) => i / rows);
  const [all, end] = [tableInputs([x, x], 1, backend), tableInputs([x.slice(-5), x.slice(-5)], 1, backend)];
  const [long, short] = [
    await networkOutputs(({ x: rows }) => model.forward(rows), all),
    await networkOutputs(({ x: rows }) => model.forward(rows), end),
  ];
  for (const [i, values] of long.entries()) {
    expect(values).toHaveLength(rows);
    expect(Array.from(values).slice(-5)).toEqual(Array.from(short[i]!));
  }
});

test('without data: points are made, the same for a seed alone and beside others', async () => {
  const changes = { methods: ['sampling', 'direct', 'generator'], trainFraction: 0, steps: 6, seeds: 2 };
  const [one, two] = [await run({ ...changes, batchSeeds: 1 }), await run({ ...changes, batchSeeds: 2 })];
  expect(timeless(two.seeds)).toEqual(timeless(one.seeds));
  const hashes = two.summary.rows.flatMap(({ weightsSha256 }) => weightsSha256);
  expect(new Set(hashes).size).toBe(8);
  await expect(run({ ...changes, methods: ['imitation'] })).rejects.toThrow('needs training samples');
});
