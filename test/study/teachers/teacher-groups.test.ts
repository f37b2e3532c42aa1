/** Teachers that hold rows out: in a table with groups no group is on both sides; without groups rows are held out as before. */
import { expect, test } from 'vitest';
import type { Table } from '../../../datasets/dataset.ts';
import { permutation, uniformValues } from '../../../engine/random.ts';
import { configFor } from '../../../study/options/input-config.ts';
import { prepareData, type PreparedData } from '../../../study/data/prepared-data.ts';
import type { StudyConfig } from '../../../study/results.ts';
import { tableDefaults } from '../../../study/options/study-defaults.ts';
import { trainTeachers } from '../../../study/teachers/teacher.ts';
import { teacherKeys } from '../../../study/teachers/teacher-key.ts';
import { cpu } from '../../backends.ts';

const ROWS = 50;
const table: Table = {
  columns: ['a', 'b', 'y'],
  rows: ROWS,
  values: Float64Array.from(uniformValues(3 * ROWS, { seed: 2 })),
};
/** Of different sizes: 1, 2, 3, … rows. */
const sizes = Array.from({ length: 10 }, (_, i) => Array<string>(i + 1).fill(`person ${i}`)).flat();
const grouped: Table = { ...table, groups: sizes.slice(-ROWS) };

const tiny: StudyConfig = {
  ...tableDefaults,
  ...{ file: 'made.csv', seeds: 1, epochs: 1, teacherEpochs: 1, methods: ['scratch'], device: 'cpu' },
  ...{ teacher: 'mlp:2', student: 'mlp:2' },
};

async function prepared(given: Table, changes: Partial<StudyConfig>): Promise<[StudyConfig, PreparedData]> {
  const config = configFor({ ...tiny, ...changes }, { table: given });
  return [config, await prepareData(config, [config.seed], cpu, { table: given })];
}

/** The rows that each network learns from, that it is validated on, and what the teacher predicts. */
async function trained(given: Table, changes: Partial<StudyConfig>) {
  const [config, data] = await prepared(given, changes);
  const [kept, validation]: [number[][], number[][]] = [[], []];
  const watched: PreparedData = {
    ...data,
    columns(rows) {
      kept.push([...rows![0]!]);
      return data.columns(rows);
    },
    labels(rows) {
      validation.push([...rows[0]!]);
      return data.labels(rows);
    },
  };
  const signal = new AbortController().signal;
  const hooks = { onReading: async () => {}, onPreparing() {}, onNonFinite() {}, signal };
  const teachers = await trainTeachers(config, watched, cpu, hooks);
  const { rows, groups = [] } = data.each[0]!.dataset.train;
  return { kept, validation, predictions: teachers!.predictions[0]!, rows, groups };
}

const sorted = (rows: readonly number[]) => rows.toSorted((a, b) => a - b);
const range = (rows: number) => [...Array(rows).keys()];

test.each([0, 1, 2])('out-of-fold, seed %d: every group is held out by one network', async (seed) => {
  const { kept, rows, groups, predictions } = await trained(grouped, { teacherMode: 'out-of-fold', seed });
  const held = kept.map((own) => range(rows).filter((row) => !own.includes(row)));
  expect(sorted(held.flat())).toEqual(range(rows));
  for (const [k, own] of kept.entries()) {
    const learnt = new Set(own.map((row) => groups[row]));
    expect(held[k]!.length).toBeGreaterThan(0);
    expect(held[k]!.filter((row) => learnt.has(groups[row]))).toEqual([]);
  }
  expect(predictions.every((value) => value !== 0)).toBe(true);
});

test.each([0, 1, 2])('early stopping, seed %d: validated on whole groups', async (seed) => {
  const given = { teacherMode: 'early-stopping', seed } as const;
  const { kept, validation, rows, groups } = await trained(grouped, given);
  expect(sorted([...kept[0]!, ...validation[0]!])).toEqual(range(rows));
  const learnt = new Set(kept[0]!.map((row) => groups[row]));
  expect(validation[0]!.filter((row) => learnt.has(groups[row]))).toEqual([]);
  expect(validation[0]!.length).toBeGreaterThan(0);
});

test('without groups rows are dealt one by one', async () => {
  const order = [...permutation(40, { seed: 2 ** 32 })];
  const folds = await trained(table, { teacherMode: 'out-of-fold' });
  expect(folds.kept).toEqual(range(5).map((k) => order.filter((_, i) => i % 5 !== k)));
  const { kept, validation } = await trained(table, { teacherMode: 'early-stopping' });
  expect([validation, kept]).toEqual([[order.slice(0, 8)], [order.slice(8)]]);
});

test('other groups are another teacher for a cache', async () => {
  const groups = sizes.slice(0, ROWS);
  const keys = await Promise.all(
    [table, grouped, { ...table, groups }].map(async (given) => {
      // The same rows in each: a split that no group has a part in.
      const train = Uint32Array.from(range(40));
      const splits = [{ train, test: Uint32Array.from(range(ROWS).slice(40)) }];
      const config = configFor({ ...tiny, teacherMode: 'out-of-fold' }, { table: given, splits });
      const data = await prepareData(config, [0], cpu, { table: given, splits });
      return (await teacherKeys({ config, data, backend: cpu }))[0];
    }),
  );
  expect(new Set(keys).size).toBe(3);
});

test.each([
  ['out-of-fold', 5, 5],
  ['early-stopping', 2, 2],
] as const)('too few groups for %s, of whichever seed', (teacherMode, wanted, groups) => {
  const taught = { methods: ['imitation'] };
  const few = { ...table, groups: range(ROWS).map((row) => `g${row % groups}`) };
  const wrong = `holds out whole groups and wants ${wanted}, but the training part has ${groups - 1}; choose plain, or another --group`;
  expect(() => configFor({ ...tiny, ...taught, teacherMode }, { table: few })).toThrow(
    `seed 0: --teacher-mode ${teacherMode} ${wrong}`,
  );
  // Seed s takes split s mod 2, and that of seed 1 has a group less.
  const rows = range(ROWS);
  const split = (isTest: (row: number) => boolean) => ({
    train: Uint32Array.from(rows.filter((row) => !isTest(row))),
    test: Uint32Array.from(rows.filter(isTest)),
  });
  const splits = [split((row) => row < groups), split((row) => row % groups === 0)];
  expect(() => configFor({ ...tiny, ...taught, teacherMode, seeds: 2 }, { table: few, splits })).toThrow(
    `seed 1: --teacher-mode ${teacherMode} ${wrong}`,
  );
});
