/** A study whose seeds are trained side by side is the study whose seeds are trained one by one. */
import { beforeAll, expect, test } from 'vitest';
import { asksTeacher, chosenMethod } from '../../methods/chosen-method.ts';
import { defaults } from '../../study/options/study-defaults.ts';
import type { MethodResult, SeedResult, StudyConfig } from '../../study/results.ts';
import { allRows } from '../../study/rows.ts';
import { methodNames, planStudy, runStudy } from '../../study/study.ts';
import type { PointEvent, ProgressEvent } from '../../study/study-types.ts';

/** All for numbers but the one that wants several teachers; and one with add-ons, which a generator and schedules are for. */
const isOfNumbers = (name: string) => chosenMethod(name).method.labels !== 'classes';
const trained = [
  ...methodNames.filter((method) => method !== 'ensemble' && isOfNumbers(method)),
  'kd-mix+pm+abm',
];

const tiny: StudyConfig = {
  ...defaults,
  seeds: 3,
  seed: 5,
  trainRows: 40,
  testRows: 20,
  epochs: 4,
  teacherEpochs: 3,
  batchSize: 16,
  methods: trained,
  teacher: 'mlp:20,20',
  impressionSteps: 4,
  generatorEvery: 4,
  dfaSearchSteps: 4,
  abm: 'generator',
  sigma: '1:0.1',
  pmWeight: '0:1',
};

/** Runs a study and keeps all that its hooks hear; `stopAt` interrupts it when a method reports its first progress. */
async function run(changes: Partial<StudyConfig>, { stopAt = '' } = {}) {
  const config = { ...tiny, ...changes };
  const interrupt = new AbortController();
  const heard = {
    points: [] as PointEvent[],
    progress: [] as ProgressEvent[],
    networks: [] as MethodResult[],
    seeds: [] as SeedResult[],
    weights: new Map<string, Uint8Array>(),
    error: '',
    interrupted: false,
  };
  try {
    const outcome = await runStudy(config, {
      onDevice() {},
      onPlan(plan) {
        expect(plan).toEqual(planStudy(config));
      },
      onPoint: (point) => heard.points.push(point),
      onProgress(event) {
        heard.progress.push(event);
        if (event.method === stopAt) interrupt.abort();
      },
      async onNetwork(result, weights) {
        heard.networks.push(result);
        heard.weights.set(`${result.method} ${result.seed}`, weights);
      },
      onSeed: async (seed) => void heard.seeds.push(seed),
      signal: interrupt.signal,
    });
    expect(outcome.seeds).toEqual(heard.seeds);
    heard.interrupted = outcome.interrupted;
  } catch (error) {
    heard.error = (error as Error).message;
  }
  return heard;
}

/** Without the times, which differ. */
const timeless = (seeds: readonly SeedResult[]) =>
  seeds.map((seed) => ({ ...seed, results: seed.results.map((result) => ({ ...result, seconds: 0 })) }));
const sorted = (points: readonly PointEvent[]) => points.map((point) => JSON.stringify(point)).sort();

let alone: Awaited<ReturnType<typeof run>>;
beforeAll(async () => {
  alone = await run({ batchSeeds: 1 });
});

test.each([2, 3, 32])('%i at a time: the same weights, curves, masks and errors', async (batchSeeds) => {
  const together = await run({ batchSeeds });
  expect(timeless(together.seeds)).toEqual(timeless(alone.seeds));
  expect(together.seeds.map(({ seed }) => seed)).toEqual([5, 6, 7]);
  expect(together.weights).toEqual(alone.weights);
  expect(together.weights.size).toBe(3 * allRows(tiny).length);
  expect(sorted(together.points)).toEqual(sorted(alone.points));
  expect(together.progress.at(-1)!.doneSteps).toBe(planStudy(tiny).steps);
  expect(together.progress[0]).toMatchObject({ seed: 5, lastSeed: batchSeeds === 2 ? 6 : 7 });
});

test.each(['early-stopping', 'out-of-fold'] as const)('teachers %s', async (teacherMode) => {
  const changes = { teacherMode, methods: ['tor-dual'] };
  const [one, three] = [await run({ ...changes, batchSeeds: 1 }), await run({ ...changes, batchSeeds: 3 })];
  expect(timeless(three.seeds)).toEqual(timeless(one.seeds));
});

test('interrupted, every seed keeps its finished networks', async () => {
  const stopped = await run({ batchSeeds: 3 }, { stopAt: 'imitation' });
  expect(stopped.interrupted).toBe(true);
  // Without a teacher: before it, and before all that asks one.
  const finished = allRows({ ...tiny, methods: trained.filter((method) => !asksTeacher(method)) });
  expect(stopped.seeds).toHaveLength(3);
  for (const [i, { results }] of stopped.seeds.entries()) {
    expect(results.map(({ method }) => method)).toEqual(finished);
    const hashes = alone.seeds[i]!.results.flatMap((result) =>
      finished.includes(result.method) ? [result.weightsSha256] : [],
    );
    expect(results.map((result) => result.weightsSha256)).toEqual(hashes);
  }
  expect(stopped.networks).toHaveLength(3 * finished.length);
  // Students without a teacher come first; without one no label was rejected or kept.
  const [first] = (await run({ batchSeeds: 3 }, { stopAt: 'teacher' })).seeds;
  expect(first!.results.map(({ method }) => method)).toEqual(finished.slice(1));
  expect(first!.mask).toEqual({ precision: null, recall: null });
  // Before the first network is finished there is nothing to keep.
  expect((await run({ batchSeeds: 3 }, { stopAt: 'scratch' })).seeds).toEqual([]);
});

test('steps before a student count as its own, and can be interrupted', async () => {
  const methods = ['imitation', 'impressions'];
  const { progress, points, seeds } = await run({ methods, batchSeeds: 3 }, { stopAt: 'impressions' });
  expect(progress.at(-1)).toMatchObject({ method: 'impressions', step: 1, steps: 4 + 10 });
  expect(points.some(({ method }) => method === 'impressions')).toBe(false);
  expect(seeds.map(({ results }) => results.map(({ method }) => method))).toEqual(
    Array(3).fill(['teacher', 'imitation']),
  );
});

test.each<[string, Partial<StudyConfig>[]]>([
  [
    'imitation+abm',
    [{}, { abm: 'ascent' }, { abm: 'ascent', ascentSteps: 1 }, { abm: 'ascent', ascentSize: 1 }],
  ],
  ['imitation+pm', [{}, { sigma: 1 }, { pmWeight: 1 }, { pmWeight: 0 }]],
  [
    'direct',
    [{}, { sought: 1 }, { sought: 0.5 }, { sought: '0:1' }, { directSteps: 1 }, { directSize: 0.5 }],
  ],
  ['generator', [{}, { generatorEvery: 1 }, { sought: 1 }]],
  ['impressions', [{}, { impressionSteps: 5 }]],
])('%s learns otherwise with each of its options', async (method, variants) => {
  const hashes: (string | null)[] = [];
  for (const changes of variants) {
    const { seeds } = await run({ ...changes, seeds: 1, methods: [method] });
    hashes.push(seeds[0]!.results.at(-1)!.weightsSha256);
  }
  expect(new Set(hashes).size).toBe(variants.length);
});

test('with no weight on what is sought, direct is sampling', async () => {
  const { seeds } = await run({ sought: 0, seeds: 1, methods: ['sampling', 'direct'] });
  const [, sampling, direct] = seeds[0]!.results;
  expect(direct!.rmse).toBeCloseTo(sampling!.rmse!, 4);
});

test('a seed that diverges drops out; the error is the one that it gives alone', async () => {
  // Just large enough for the gradient of two heads to overflow, for some seeds.
  const changes = { learningRate: 2.3e17, seed: 0, seeds: 4, epochs: 3, methods: ['scratch', 'tor-dual'] };
  const teacher = { teacher: defaults.teacher };
  const [one, four] = [
    await run({ ...changes, ...teacher, batchSeeds: 1 }),
    await run({ ...changes, ...teacher, batchSeeds: 4 }),
  ];
  expect(one.error).toMatch(/^tor-dual, seed \d: .*not finite at step \d+/);
  expect(four.error).toBe(one.error);
  expect(one.seeds.length).toBeGreaterThan(0);
  expect(timeless(four.seeds.slice(0, one.seeds.length))).toEqual(timeless(one.seeds));
});

test('when one method is too much for one seed and the next for the other, the first failure is told', async () => {
  const changes = { learningRate: 2.1e17, seed: 0, seeds: 2, epochs: 3, teacher: 'mlp:20,20' };
  const { error, seeds } = await run({ ...changes, methods: ['tor-dual', 'imitation'], batchSeeds: 2 });
  expect(error).toMatch(/^tor-dual, seed 1: .*not finite at step \d+/);
  expect(seeds).toEqual([]);
});
