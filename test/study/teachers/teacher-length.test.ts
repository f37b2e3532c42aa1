/** Short schedules and checkpoints of teachers, and seeds that are fixed. */
import { expect, test } from 'vitest';
import type { CurvePoint, StudyConfig } from '../../../study/results.ts';
import { defaults } from '../../../study/options/study-defaults.ts';
import { planStudy, runStudy } from '../../../study/study.ts';
import { teacherSteps } from '../../../study/teachers/teacher.ts';
import { quietHooks } from '../../quiet-hooks.ts';

const tiny: StudyConfig = {
  ...defaults,
  ...{ device: 'cpu', seeds: 2, trainRows: 40, testRows: 10, steps: 3, batchSize: 16, teacherSteps: 12 },
  ...{ teacher: 'mlp:4', student: 'mlp:3', methods: ['scratch', 'imitation'] },
};

/** Hashes of weights by method and seed, and what each seed's labels were. */
async function run(changes: Partial<StudyConfig>) {
  const hashes: Record<string, string> = {};
  const labels: Record<number, readonly number[]> = {};
  const teachers: Record<number, readonly CurvePoint[]> = {};
  const { seeds } = await runStudy({ ...tiny, ...changes }, quietHooks());
  for (const { seed, points, results } of seeds) {
    labels[seed] = points.y;
    for (const { method, weightsSha256 } of results) hashes[`${method} ${seed}`] = weightsSha256!;
    teachers[seed] = results.find(({ method }) => method === 'teacher')!.curve;
  }
  return { hashes, labels, teachers };
}

test('a schedule of a share is that of a teacher with so many steps; a checkpoint is another teacher', async () => {
  const [whole, short, half, checkpoint] = await Promise.all([
    run({}),
    run({ teacherSchedule: 0.5 }),
    run({ teacherSteps: 6 }),
    run({ teacherCheckpoint: 0.5 }),
  ]);
  expect(short).toEqual(half);
  const teachers = [whole, short, checkpoint].map(({ hashes }) => hashes['teacher 0']);
  expect(new Set(teachers).size).toBe(3);
  expect(checkpoint.hashes['scratch 1']).toBe(whole.hashes['scratch 1']);
});

test('the plan counts the steps that are taken', () => {
  const both = { ...tiny, teacherSchedule: 0.5, teacherCheckpoint: 0.5 };
  expect(teacherSteps(both)).toEqual({ networks: 1, scheduled: 6, stepsEach: 3 });
  expect(planStudy(tiny).steps - planStudy(both).steps).toBe(2 * 9);
  expect(teacherSteps({ ...tiny, teacherSchedule: 1e-6 }).stepsEach).toBe(1);
});

test.each(['plain', 'early-stopping', 'out-of-fold'] as const)(
  'fixed seeds, with teachers %s: data and teachers are those of that seed, students are not',
  async (teacherMode) => {
    const own = await run({ teacherMode, seed: 1, seeds: 1 });
    const fixed = await run({ teacherMode, teacherSeed: 1, dataSeed: 1 });
    expect(fixed.labels[0]).toEqual(own.labels[1]);
    expect(fixed.labels[1]).toEqual(own.labels[1]);
    expect(fixed.hashes['teacher 1']).toBe(own.hashes['teacher 1']);
    expect(fixed.hashes['imitation 1']).toBe(own.hashes['imitation 1']);
    expect(fixed.hashes['imitation 0']).not.toBe(own.hashes['imitation 1']);
    const data = await run({ teacherMode, dataSeed: 1 });
    expect(data.labels).toEqual(fixed.labels);
    const hashes = [data, fixed].map((each) => each.hashes['teacher 0']);
    expect(hashes[0]).not.toBe(hashes[1]);
  },
);

test('images that are changed at random: a fixed teacher is that of its seed', async () => {
  const eyes: Partial<StudyConfig> = {
    ...{ data: 'eyes', patches: 2, size: '16x16', shift: 1, folds: 2, trainRows: 12, testRows: 4 },
    ...{ teacher: 'lenet:0.05', student: 'lenet:0.05', teacherSteps: 2, steps: 1, methods: ['imitation'] },
  };
  const own = await run({ ...eyes, seed: 1, seeds: 1 });
  const fixed = await run({ ...eyes, seed: 0, seeds: 1, teacherSeed: 1, dataSeed: 1 });
  expect(fixed.labels[0]).toEqual(own.labels[1]);
  // Files of weights say whose seed it is, so that they differ.
  expect(fixed.teachers[0]).toEqual(own.teachers[1]);
  const another = await run({ ...eyes, seed: 0, seeds: 1, dataSeed: 1 });
  expect(another.teachers[0]).not.toEqual(own.teachers[1]);
});
