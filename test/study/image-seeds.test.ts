/** Studies of images whose seeds are trained side by side are the studies whose seeds are trained one by one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { configFor } from '../../study/options/input-config.ts';
import { defaultsOf } from '../../study/options/study-defaults.ts';
import { readPictures } from '../../study/read/read-pictures.ts';
import type { SeedResult, StudyConfig } from '../../study/results.ts';
import { runStudy } from '../../study/study.ts';
import type { StudyInput } from '../../study/study-input.ts';
import type { PointEvent, ProgressEvent } from '../../study/study-types.ts';
import { writeDataset } from '../../tools/data/make.ts';
import { multipieFiles } from '../../tools/data/make-multipie.ts';
import { quietHooks } from '../quiet-hooks.ts';

const tiny: StudyConfig = {
  ...defaultsOf('eyes'),
  ...{ size: '20x18', trainRows: 24, testRows: 7, patches: 5, epochs: 2, teacherEpochs: 2, batchSize: 8 },
  ...{ teacher: 'lenet:0.1', student: 'resnet8:0.25', methods: ['scratch', 'tor-dual', 'hint'], seeds: 2 },
};

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'limbeck-image-seeds-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function run(changes: Partial<StudyConfig>, input: StudyInput = {}) {
  const config = configFor({ ...tiny, ...changes }, input);
  const seeds: SeedResult[] = [];
  const [points, progress, weights] = [
    [] as PointEvent[],
    [] as ProgressEvent[],
    new Map<string, Uint8Array>(),
  ];
  await runStudy(
    config,
    quietHooks({
      onPoint: (point) => void points.push(point),
      onProgress: (event) => void progress.push(event),
      onNetwork: async ({ method, seed }, bytes) => void weights.set(`${method} ${seed}`, bytes),
      onSeed: async (seed) => void seeds.push(seed),
    }),
    input,
  );
  const timeless = seeds.map((seed) => ({
    ...seed,
    results: seed.results.map((result) => ({ ...result, seconds: 0 })),
  }));
  const together = new Set(progress.map(({ seed, lastSeed = seed }) => lastSeed - seed + 1));
  return { seeds: timeless, weights, points: points.map((point) => JSON.stringify(point)).sort(), together };
}

async function compare(changes: Partial<StudyConfig>, input: StudyInput = {}): Promise<void> {
  const alone = await run({ ...changes, batchSeeds: 1 }, input);
  const together = await run({ ...changes, batchSeeds: 32 }, input);
  expect([...alone.together]).toEqual([1]);
  expect([...together.together]).toEqual([2]);
  expect(together.seeds).toEqual(alone.seeds);
  expect(together.points).toEqual(alone.points);
  for (const [name, bytes] of alone.weights)
    expect([name, together.weights.get(name)]).toEqual([name, bytes]);
}

test('rendered eyes, each seed with its own, changed at random', async () => {
  await compare({ shift: 1, brightness: 0.1, pixelNoise: 0.02 });
});

test('a depthwise student, an ensemble, part of the rows', async () => {
  const changes = { student: 'mobilenet:0.25', methods: ['ensemble'], teacherMode: 'ensemble' } as const;
  await compare({ ...changes, methods: [...changes.methods], trainFraction: 0.75 });
});

test('heads of files, which all seeds share: errors of labels are each seed’s own', async () => {
  const { signal } = new AbortController();
  await writeDataset(
    join(root, 'multipie'),
    multipieFiles({ seed: 3, persons: 4, shots: 1, width: 20, height: 18 }),
    { signal, progress: { write: () => true } },
  );
  const read = defaultsOf('multipie');
  const { pictures } = await readPictures(
    { ...read, file: join(root, 'multipie') },
    { subset: 'evaluation', skipBad: false },
    { signal, onProgress() {}, onSkip() {} },
  );
  const heads = { data: 'multipie', folds: 2, student: 'lenet:0.05', methods: ['imitation', 'tor'] } as const;
  await compare({ ...heads, methods: [...heads.methods], noise: 0.2 }, { pictures });
});
