/** Studies of classes: tables and glyphs, which methods are for them, splits, noise, what is saved and summed up. */
import { expect, test } from 'vitest';
import { accuracy, classCounts } from '../../base/class-metrics.ts';
import { classesOf } from '../../datasets/class-column.ts';
import { readCsv } from '../../datasets/csv/csv.ts';
import type { Table } from '../../datasets/dataset.ts';
import { stratifiedSplit } from '../../datasets/row-splits.ts';
import { tableDataset } from '../../datasets/table-dataset.ts';
import { uniformValues } from '../../engine/random.ts';
import { methods, usualMethods } from '../../methods/all.ts';
import { renderReport } from '../../report/report.ts';
import { summaryTable } from '../../report/table.ts';
import { configFor } from '../../study/options/input-config.ts';
import { checkMethods } from '../../study/options/method-config.ts';
import { defaultsOf } from '../../study/options/study-defaults.ts';
import { hostRandom } from '../../study/data/seed-dataset.ts';
import type { MethodResult, StudyConfig } from '../../study/results.ts';
import { readNetwork } from '../../study/network-file.ts';
import { runStudy } from '../../study/study.ts';
import type { StudyInput } from '../../study/study-input.ts';
import { summarise } from '../../study/summary.ts';
import { codingOf } from '../../tasks/coding.ts';
import { quietHooks } from '../quiet-hooks.ts';

const names = ['ant', 'bee', 'cat'];
const random = hostRandom(0);

/** Points about three corners, whose class is told by name. */
function corners(rows: number): Table {
  const noise = uniformValues(2 * rows, { seed: 1 });
  const lines = Array.from({ length: rows }, (_, i) => {
    const k = i % 3;
    return `${k + noise[2 * i]!},${(k === 1 ? 3 : 0) + noise[2 * i + 1]!},${names[k]}`;
  });
  return readCsv(`a,b,kind\n${lines.join('\n')}\n`, { classes: true });
}

const tiny: Partial<StudyConfig> = {
  ...{ seeds: 2, epochs: 15, teacherEpochs: 20, batchSize: 16, teacher: 'mlp:16', student: 'mlp:6' },
  ...{ device: 'auto', noSmallKernel: true },
};

async function run(given: Partial<StudyConfig> & Pick<StudyConfig, 'data'>, input: StudyInput = {}) {
  const config = configFor({ ...defaultsOf(given.data), ...given }, input);
  const saved: { result: MethodResult; weights: Uint8Array }[] = [];
  const onNetwork = async (result: MethodResult, weights: Uint8Array) => void saved.push({ result, weights });
  const outcome = await runStudy(config, quietHooks({ onNetwork }), input);
  return { config, saved, outcome, summary: summarise(config, outcome, outcome.seeds) };
}

test('a table: every method for classes learns them, side by side as alone, and what is saved knows their names', async () => {
  const table = corners(90);
  const list = [...usualMethods('classes'), 'hint', 'rkd'];
  const given = { data: 'table', task: 'classification', methods: list, ...tiny } as const;
  const { config, saved, outcome, summary } = await run(given, { table });
  expect(usualMethods('classes')).toEqual(['scratch', 'imitation', 'kd']);
  expect(summary.rows.map(({ method }) => method)).toEqual(['teacher', ...list]);
  for (const row of summary.rows) {
    expect(row.metric).toBe('error');
    // By chance two of three are wrong.
    expect(row.mean).toBeLessThan(0.4);
    expect(row.scores!.accuracy).toBeCloseTo(1 - row.mean, 12);
  }
  for (const { result, weights } of saved) {
    const { targets } = readNetwork(weights, 'weights').description;
    expect(targets).toEqual({ names: ['kind'], classes: names });
    const fit = result.fit as Extract<MethodResult['fit'], { kind: 'classes' }>;
    expect(fit.counts.reduce((sum, count) => sum + count, 0)).toBe(config.testRows);
    const right = names.reduce((sum, _, k) => sum + fit.counts[k * 4]!, 0);
    expect(1 - right / config.testRows).toBeCloseTo(result.scores.error!, 12);
    expect(result.curve.at(-1)!.testError).toBeDefined();
  }
  expect(summaryTable(summary)).toContain('test error (%)');
  const page = renderReport(config, summary, outcome.seeds);
  expect(page).toContain('What was taken for what');
  const alone = await run({ ...given, seeds: 1, seed: 1, methods: ['kd'] }, { table });
  const hashOf = (of: typeof saved) =>
    of.find(({ result }) => result.seed === 1 && result.method === 'kd')!.result.weightsSha256;
  expect(hashOf(alone.saved)).toBe(hashOf(saved));
});

test('which methods are for classes', () => {
  const of = (labels: 'numbers' | 'classes') =>
    [...methods.values()].flatMap(({ name, labels: own = labels, tasks }) =>
      own === labels && (!tasks || labels === 'numbers') ? [name] : [],
    );
  const peers = ['dml', 'dml-l1', 'afd', 'afd-maps'];
  const mixtures = [...methods.keys()].filter((name) => name.startsWith('dfa'));
  expect(of('classes')).toEqual(['scratch', 'imitation', 'kd', 'hint', 'rkd', ...mixtures, ...peers]);
  expect(of('numbers')).toEqual([...methods.keys()].filter((name) => name !== 'kd'));
  const config = { ...defaultsOf('table'), task: 'classification', trainRows: 50 };
  const checked = (name: string) => () => checkMethods({ ...config, methods: [name] });
  for (const name of of('classes')) expect(checked(name)).not.toThrow();
  for (const name of ['tor', 'tor-dual', 'tbr', 'ail', 'kd-mix', 'scratch-huber', 'heteroscedastic'])
    expect(checked(name)).toThrow(`'${name}' takes differences of numbers`);
  for (const name of ['scratch+pm', 'sampling']) expect(checked(name)).toThrow('is for the task regression');
  expect(() => checkMethods({ ...config, task: '', methods: ['kd'] })).toThrow('--task classification');
});

test('glyphs: images with classes, some labels replaced', async () => {
  const { outcome, saved } = await run({
    ...{
      data: 'glyphs',
      methods: ['scratch'],
      seeds: 1,
      trainRows: 64,
      testRows: 20,
      epochs: 1,
      noise: 0.25,
    },
    ...{ student: 'mlp:8', size: '8x8', glyphColours: 'rgb' },
  });
  const [{ points, results }] = outcome.seeds as [(typeof outcome.seeds)[number]];
  expect(points.outlier!.filter(Boolean).length).toBeGreaterThan(4);
  expect(results[0]!.scores.error).toBeLessThanOrEqual(1);
  const { image } = readNetwork(saved[0]!.weights, 'weights').description;
  expect(image).toEqual({ channels: 3, height: 8, width: 8 });
});

test('splits keep the share of each class, and one that is in the test part alone is refused', () => {
  const labels = Array.from({ length: 100 }, (_, i) => (i < 70 ? 0 : i < 97 ? 1 : 2));
  const { train, test: held } = stratifiedSplit(labels, { random, testShare: 0.2 });
  const count = (rows: Uint32Array) => [0, 1, 2].map((k) => rows.filter((row) => labels[row] === k).length);
  expect(count(held)).toEqual([14, 5, 1]);
  expect(count(train)).toEqual([56, 22, 2]);
  expect(new Set([...train, ...held]).size).toBe(100);
  const table = corners(9);
  const split = { train: Uint32Array.of(0, 1, 3, 4), test: Uint32Array.of(2) };
  expect(() => tableDataset(table, { random, split })).toThrow(
    "class 'cat' of 'kind' is in the test part alone",
  );
});

test('noise replaces the share of training labels, by other classes, and says which', () => {
  const table = corners(3000);
  const clean = tableDataset(table, { random });
  const noisy = tableDataset(table, { random, outlierShare: 0.15 });
  const changed = [...noisy.train.y].map((label, i) => Number(label !== clean.train.y[i]));
  expect(changed).toEqual([...noisy.outlier!]);
  const share = changed.reduce((sum, bit) => sum + bit, 0) / changed.length;
  expect(Math.abs(share - 0.15)).toBeLessThan(4 * Math.sqrt((0.15 * 0.85) / changed.length));
  expect(noisy.test.y).toEqual(clean.test.y);
});

test('names of classes: numbers by size, texts by their characters, decimals refused', () => {
  expect(classesOf(['10', '9', undefined, '10'])).toEqual({
    names: ['9', '10'],
    numbers: Float64Array.of(1, 0, NaN, 1),
  });
  expect(classesOf(['b', 'A']).names).toEqual(['A', 'b']);
  expect(() => classesOf(['1.5', '2'])).toThrow('holds numbers such as 1.5');
  expect(() => readCsv('a,b\n1,\n2,x\n', { classes: 'b' })).toThrow('an empty cell');
  expect(readCsv('a,b\n1,\n2,x\n', { classes: 'b', missing: 'keep' }).values).toEqual(
    Float64Array.of(1, NaN, 2, 0),
  );
});

test('codings come back from what is saved', () => {
  const numbers = codingOf(JSON.parse(JSON.stringify(codingOf({ mean: [1, 2], deviation: [3, 4] }))));
  expect([numbers.outputs, numbers.width, ...numbers.decode([0, 1])]).toEqual([2, 2, 1, 6]);
  const classes = codingOf(JSON.parse(JSON.stringify(codingOf({ classes: names }))));
  expect([classes.outputs, classes.width]).toEqual([3, 1]);
  expect(classes.encode([2, 0])).toEqual(Uint32Array.of(2, 0));
});

test('counts of classes agree with the accuracy', () => {
  const logits = uniformValues(30, { seed: 3 });
  const labels = Array.from({ length: 10 }, (_, i) => i % 3);
  const counts = classCounts(labels, logits, 3);
  const right = accuracy(3);
  right.add(logits, labels);
  expect((counts[0]! + counts[4]! + counts[8]!) / 10).toBeCloseTo(right.value(), 12);
});
