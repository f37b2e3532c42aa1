/** Students that are validated on a share of their rows: which rows, which weights, for every method, beside other seeds. */
import { describe, expect, test } from 'vitest';
import type { Table } from '../../../datasets/dataset.ts';
import { add } from '../../../engine/ops/pointwise/elementwise.ts';
import { uniformValues } from '../../../engine/random.ts';
import { Batches } from '../../../engine/data/batches.ts';
import { tensor } from '../../../engine/tensor.ts';
import { chosenMethod } from '../../../methods/chosen-method.ts';
import { mse } from '../../../losses/regression.ts';
import { fit } from '../../../train/fit.ts';
import { configFor } from '../../../study/options/input-config.ts';
import { prepareData } from '../../../study/data/prepared-data.ts';
import type { StudyConfig } from '../../../study/results.ts';
import { allRows } from '../../../study/rows.ts';
import type { StudyInput } from '../../../study/study-input.ts';
import { defaultsOf, tableDefaults } from '../../../study/options/study-defaults.ts';
import { methodNames, planStudy, runStudy } from '../../../study/study.ts';
import { summarise } from '../../../study/summary.ts';
import { summaryTable } from '../../../report/table.ts';
import { cpu } from '../../backends.ts';
import { quietHooks } from '../../quiet-hooks.ts';

const ROWS = 60;
const random = uniformValues(3 * ROWS, { seed: 8 });
/** y = a - 2 b and noise that a student can learn by heart. */
const values = Array.from({ length: ROWS }, (_, i) => {
  const [a, b, error] = random.subarray(3 * i, 3 * i + 3) as unknown as [number, number, number];
  return [a, b, a - 2 * b + 3 * error];
});
const table: Table = { columns: ['a', 'b', 'y'], rows: ROWS, values: Float64Array.from(values.flat()) };
const all = Uint32Array.from({ length: ROWS }, (_, i) => i);

const tiny: StudyConfig = {
  ...tableDefaults,
  file: 'made.csv',
  seeds: 2,
  validationShare: 0.25,
  steps: 40,
  teacherEpochs: 3,
  learningRate: 0.05,
  batchSize: 16,
  methods: ['scratch', 'tor-dual'],
  teacher: 'mlp:8',
  student: 'mlp:8',
};

async function run(changes: Partial<StudyConfig>, given: StudyInput = { table }) {
  const config = configFor({ ...tiny, ...changes }, given);
  const outcome = await runStudy(config, quietHooks({}), given);
  const { seeds } = outcome;
  const results = seeds.flatMap(({ results: own }) => own.map((result) => ({ ...result, seconds: 0 })));
  return { config, results, summary: summarise(config, outcome, seeds) };
}

async function partsOf(changes: Partial<StudyConfig>, given: StudyInput = { table }) {
  const config = configFor({ ...tiny, ...changes }, given);
  return prepareData(config, [config.seed], cpu, given);
}

test('of each model the weights of its smallest error, and their step', async () => {
  const columns = { x: { values: new Float32Array(8), width: 1 } };
  const w = tensor([5, 5], [2, 1, 1], cpu, { requiresGrad: true });
  const errors: number[][] = [];
  const weights: number[][] = [];
  const fitted = await fit({
    backend: cpu,
    network: { parameters: { w }, buffers: {} },
    batchesOf: () => ({ '': new Batches(columns, cpu, { batchSize: 4, seed: [1, 2] }) }),
    // To 0, whatever the batch.
    loss: ({ x }) => mse({ pred: add(w, x!), label: x! }, {}, { leadingAxes: 1 }),
    ...{ steps: 20, learningRate: 0.8, seeds: 2, readings: 20, names: ['fit 1', 'fit 2'] },
    // The two want the same parameter to be in different places.
    async validate() {
      const now = [...(await w.data())];
      weights.push(now);
      errors.push([Math.abs(now[0]! - 3), Math.abs(now[1]! - 1)]);
      return errors.at(-1)!;
    },
  });
  const best = [0, 1].map((k) => {
    const own = errors.map((each) => each[k]!);
    return own.indexOf(Math.min(...own));
  });
  expect(best[0]).toBeLessThan(best[1]!);
  expect(fitted!.bestSteps).toEqual([best.map((place) => place + 1)]);
  expect([...(await w.data())]).toEqual(best.map((place, k) => weights[place]![k]));
});

describe('a student of every method', () => {
  const synthetic = ['sampling', 'direct', 'generator', 'impressions'];
  const others = [...synthetic, 'ensemble'];
  const methods = methodNames.filter(
    (name) => !others.includes(name) && chosenMethod(name).method.labels !== 'classes',
  );

  test('has the weights with the smallest error where it is validated, and names their step', async () => {
    const { seed, seeds } = { seed: 4, seeds: 2 };
    const splits = await Promise.all(
      Array.from({ length: seeds }, async (_, k) => {
        // Tested on the rows that it is validated on, its curve has the validation errors.
        const given = { table, splits: [{ train: all, test: all }] };
        const data = await partsOf({ seed: seed + k, trainFraction: 0.8 }, given);
        return { train: all, test: data.validationRows![0]! };
      }),
    );
    const changes = {
      ...{ seed, seeds, trainFraction: 0.8, methods: [...methods, 'tor+pm'] },
      ...{ teacher: 'mlp:8,8', dfaSearchSteps: 4 },
    };
    const given = { table, splits };
    const { results } = await run({ ...changes, batchSeeds: seeds }, given);
    const students = results.filter(({ method }) => method !== 'teacher');
    expect(students).toHaveLength(seeds * (allRows({ ...tiny, ...changes }).length - 1));
    for (const { curve, bestStep, rmse } of students) {
      const errors = curve.map(({ testRmse }) => testRmse);
      expect(rmse).toBe(Math.min(...errors.map((error) => error!)));
      expect(bestStep).toBe(curve[errors.indexOf(rmse)]!.step);
    }
    expect(new Set(students.map(({ bestStep }) => bestStep)).size).toBeGreaterThan(2);
    for (const { method, bestStep } of results) if (method === 'teacher') expect(bestStep).toBeUndefined();
    expect((await run({ ...changes, batchSeeds: 1 }, given)).results).toEqual(results);
  });

  test('the summary and its table have the steps, and nothing of them without a share', async () => {
    const { summary, results } = await run({});
    const own = results.filter(({ method }) => method === 'scratch').map(({ bestStep }) => bestStep!);
    expect(summary.validationShare).toBe(0.25);
    expect(summary.rows[1]).toMatchObject({ method: 'scratch', bestSteps: own });
    expect(summary.rows[0]).not.toHaveProperty('bestSteps');
    const text = summaryTable(summary);
    const middle = Math.round((own[0]! + own[1]!) / 2);
    expect(text).toMatch(new RegExp(`best step.*\\n.*\\nteacher .* – .*\\nscratch .* ${middle} .*\\n`));
    expect(text).toContain('best step: students did not learn from 25 % of their rows');
    const without = await run({ validationShare: 0 });
    expect(JSON.stringify(without.summary)).not.toMatch(/bestStep|validationShare/);
    expect(summaryTable(without.summary)).not.toContain('best step');
    expect(without.results[0]).toEqual(results[0]);
  });

  test.each(synthetic)('%s has no rows, and refuses', async (method) => {
    await expect(run({ methods: ['scratch', method] })).rejects.toThrow(
      `--methods: '${method}' sees no training samples, so it has none to be validated on; leave out --validation-share`,
    );
  });
});

test('an epoch has the rows that are left', async () => {
  const { config, results } = await run({ steps: 0, epochs: 4, trainFraction: 0.5, seeds: 1 });
  // 48 training rows, 24 of them the student's, 6 of these for validation: 18 rows in batches of 16.
  const last = results.map(({ curve }) => curve.at(-1)!.step);
  expect(last).toEqual([9, 5, 5]);
  expect(planStudy(config).steps).toBe(9 + 5 + 5);
});

test.each([1, 0.5])('of a fraction of %d: rows of the student, each in one part', async (trainFraction) => {
  const { studentRows, validationRows } = await partsOf({ trainFraction });
  const [learnt, held] = [[...studentRows![0]!], [...validationRows![0]!]];
  const { studentRows: seen } = await partsOf({ trainFraction, validationShare: 0 });
  expect([...learnt, ...held].toSorted((a, b) => a - b)).toEqual([...(seen?.[0] ?? all.subarray(0, 48))]);
  expect(held).toHaveLength(48 * trainFraction * 0.25);
  expect(learnt).toEqual(learnt.toSorted((a, b) => a - b));
});

describe('groups', () => {
  const groups = Array.from({ length: ROWS }, (_, i) => `person ${(i * i) % 13}`);

  test('no group is on both sides, and an epoch has the rows that are left', async () => {
    const given = { table: { ...table, groups } };
    for (let seed = 0; seed < 4; seed++) {
      const { each, studentRows, validationRows } = await partsOf({ seed }, given);
      const own = (rows: Uint32Array) => [...rows].map((row) => each[0]!.dataset.train.groups![row]!);
      const [learnt, held] = [own(studentRows![0]!), own(validationRows![0]!)];
      expect(held.filter((group) => learnt.includes(group))).toEqual([]);
      expect(learnt.length + held.length).toBe(each[0]!.dataset.train.rows);
      expect(held.length).toBeGreaterThan(0);
    }
    const { studentRows } = await partsOf({ seed: 1 }, given);
    const { results } = await run({ steps: 0, epochs: 8, seed: 1, seeds: 1 }, given);
    expect(results[1]!.curve.at(-1)!.step).toBe(Math.round((8 * studentRows![0]!.length) / 16));
    expect(results[1]!.bestStep).toBeGreaterThan(0);
  });

  test('of one group there is none to hold out', async () => {
    const few = { table: { ...table, groups: groups.map((_, i) => (i < 40 ? 'a' : 'b')) } };
    await expect(run({}, few)).rejects.toThrow(
      'seed 0: --validation-share: all rows are of one group; a split needs two groups',
    );
  });
});

test.each([
  [0.01, 'a share of 0.01 of 48 training rows is 0, which leaves 48 to learn from'],
  [0.98, 'a share of 0.98 of 48 training rows is 47, which leaves 1 to learn from'],
])('a share of %d is refused before anything is trained', async (validationShare, message) => {
  const given = { table };
  const config = configFor({ ...tiny, validationShare }, given);
  expect(() => planStudy(config)).toThrow(`--validation-share: ${message}; wants at least 1 and 2: choose a`);
  await expect(run({ validationShare, device: 'nothing such' })).rejects.toThrow(message);
});

test('of pictures whole persons', async () => {
  const eyes: StudyConfig = {
    ...defaultsOf('eyes'),
    ...{ size: '20x18', trainRows: 24, testRows: 7, patches: 5, seeds: 1, steps: 6, teacherSteps: 2 },
    ...{ batchSize: 8, teacher: 'mlp:4', student: 'mlp:4', methods: ['scratch'], validationShare: 0.25 },
  };
  const { each, studentRows, validationRows } = await prepareData(eyes, [0], cpu);
  const { trainPerson } = each[0]!.dataset.pictures!;
  const own = (rows: Uint32Array) => [...rows].map((row) => trainPerson[row]!);
  const [learnt, held] = [own(studentRows![0]!), own(validationRows![0]!)];
  expect(held.filter((person) => learnt.includes(person))).toEqual([]);
  expect([learnt.length + held.length, new Set(held).size]).toEqual([24, 1]);
  const { seeds } = await runStudy(eyes, quietHooks({}));
  expect(seeds[0]!.results.at(-1)!.bestStep).toBeGreaterThan(0);
});
