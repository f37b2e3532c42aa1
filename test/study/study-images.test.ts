/** Studies of images, end to end on small data: networks, errors in degrees, what is shown, splits by person, same bits. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { angularError } from '../../datasets/images/gaze.ts';
import { writeDataset } from '../../tools/data/make.ts';
import { mpiigazeFiles } from '../../tools/data/make-mpiigaze.ts';
import { multipieFiles } from '../../tools/data/make-multipie.ts';
import { configFor } from '../../study/options/input-config.ts';
import { type PictureFiles, readPictures } from '../../study/read/read-pictures.ts';
import type { SeedResult, StudyConfig } from '../../study/results.ts';
import { defaultsOf } from '../../study/options/study-defaults.ts';
import { runStudy } from '../../study/study.ts';
import { summarise } from '../../study/summary.ts';
import { quietHooks } from '../quiet-hooks.ts';

const tiny: StudyConfig = {
  ...defaultsOf('eyes'),
  size: '20x18',
  trainRows: 24,
  testRows: 7,
  patches: 5,
  epochs: 2,
  teacherEpochs: 2,
  batchSize: 8,
  teacher: 'lenet:0.2',
  student: 'lenet:0.1',
  methods: ['scratch', 'tor-dual'],
  seeds: 2,
};

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'limbeck-images-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function run(changes: Partial<StudyConfig>, files?: PictureFiles) {
  const input = { pictures: files?.pictures };
  const config = configFor({ ...tiny, ...changes }, input);
  const finished: SeedResult[] = [];
  const weights: Uint8Array[] = [];
  const outcome = await runStudy(
    config,
    quietHooks({
      onNetwork: async (_, bytes) => void weights.push(bytes),
      onSeed: async (seed) => void finished.push(seed),
    }),
    input,
  );
  return { config, seeds: finished, weights, summary: summarise(config, outcome, finished) };
}

const reading = () => ({ signal: new AbortController().signal, onProgress() {}, onSkip() {} });

function read(data: StudyConfig['data'], file: string, options = {}, hooks = {}): Promise<PictureFiles> {
  const config = { ...defaultsOf(data), file };
  return readPictures(
    config,
    { subset: 'evaluation', skipBad: false, ...options },
    { ...reading(), ...hooks },
  );
}

const RADIANS = Math.PI / 180;

describe('rendered eyes', () => {
  let first: Awaited<ReturnType<typeof run>>;
  beforeAll(async () => {
    first = await run({});
  });

  test('errors are angles, and those of single rows explain the mean', () => {
    const { summary, seeds } = first;
    expect(summary).toMatchObject({ data: 'eyes', reference: 'true gaze', labelError: 4, noise: 0.1 });
    expect(summary.rows.map(({ method, metric, n }) => [method, metric, n])).toEqual([
      ['teacher', 'angular error', 2],
      ['scratch', 'angular error', 2],
      ['tor-dual', 'angular error', 2],
    ]);
    for (const { results, images } of seeds) {
      for (const { angularError: error, angularErrors: errors, rmse, fit } of results) {
        expect(errors).toHaveLength(7);
        expect(error).toBeCloseTo([...errors!].reduce((a, b) => a + b) / 7, 10);
        expect(rmse).toBeGreaterThan(0);
        if (fit.kind !== 'predictions') throw new Error('wants predictions');
        const pair = (list: readonly number[], row: number) =>
          [list[2 * row]! * RADIANS, list[2 * row + 1]! * RADIANS] as const;
        expect(errors![3]).toBeCloseTo(
          angularError(pair(fit.predicted, 3), pair(images!.test.truth as number[], 3)),
          9,
        );
      }
    }
  });

  test('what is shown: rejected labels by residual, accepted ones, test rows, with what every network says', () => {
    const { images, points, results } = first.seeds[0]!;
    const { shown, people, test: tested } = images!;
    expect(people).toHaveLength(5 + 2);
    expect(new Set(tested.person)).toEqual(new Set([5, 6]));
    const [train, rest] = [
      shown.filter(({ part }) => part === 'train'),
      shown.filter(({ part }) => part === 'test'),
    ];
    expect(rest).toHaveLength(7);
    const rejectedRows = Array.from(
      { length: 24 },
      (_, i) => points.rejected[2 * i]! || points.rejected[2 * i + 1]!,
    );
    const rejected = train.filter(({ isRejected }) => isRejected);
    expect(rejected).toHaveLength(rejectedRows.filter(Boolean).length);
    const residuals = rejected.map(({ residual }) => residual);
    expect(residuals).toEqual(residuals.toSorted((a, b) => b! - a!));
    for (const picture of shown) {
      expect(picture.pixels).toHaveLength(20 * 18);
      expect(Object.keys(picture.predicted).sort()).toEqual(['scratch', 'teacher', 'tor-dual']);
      const { label, predicted, truth, residual } = picture;
      const radians = (angles: readonly number[]) => [angles[0]! * RADIANS, angles[1]! * RADIANS] as const;
      expect(residual).toBeCloseTo(angularError(radians(label), radians(predicted.teacher!)), 3);
      expect(truth).toHaveLength(2);
    }
    const { fit } = results.find(({ method }) => method === 'scratch')!;
    if (fit.kind !== 'predictions') throw new Error('wants predictions');
    expect(rest[2]!.predicted.scratch).toEqual(fit.predicted.slice(4, 6));
  });

  test('the same again gives the same bits; another seed, another size of error give others', async () => {
    const again = await run({ seeds: 1 });
    const hashes = ({ summary }: typeof first) => summary.rows.map(({ weightsSha256 }) => weightsSha256[0]);
    expect(hashes(again)).toEqual(hashes(first));
    const [one, two] = first.summary.rows[0]!.weightsSha256;
    expect(one).not.toBe(two);
    const other = await run({ seeds: 1, labelError: 8, methods: ['imitation'] });
    expect(hashes(other)[0]).not.toBe(one);
  });

  test('changed images change the weights', async () => {
    const changed = await run({
      seeds: 1,
      shift: 1,
      brightness: 0.1,
      pixelNoise: 0.02,
      methods: ['scratch'],
    });
    const own = ({ summary }: typeof first) => summary.rows.find(({ method }) => method === 'scratch')!;
    expect(own(changed).weightsSha256[0]).not.toBe(own(first).weightsSha256[0]);
    expect(own(changed).mean).toBeLessThan(60);
  });

  test.each(['early-stopping', 'out-of-fold'] as const)(
    'a teacher by %s, with batch normalisation',
    async (teacherMode) => {
      const { summary, weights } = await run({
        seeds: 1,
        teacherMode,
        teacher: 'resnet8:0.2',
        methods: ['imitation'],
        trainRows: 20,
      });
      expect(summary.rows.every(({ mean }) => Number.isFinite(mean))).toBe(true);
      // Running statistics belong to a network as much as its weights.
      expect(new TextDecoder('latin1').decode(weights[0])).toContain('trunk.norm.variance');
    },
  );

  test('a multilayer perceptron and a MobileNet', async () => {
    const { summary } = await run({ seeds: 1, teacher: 'mobilenet:0.5', student: 'mlp:8', methods: ['tor'] });
    const pixels = 20 * 18;
    expect(summary.rows[1]!.params).toBe(pixels * 8 + 8 + (8 + 2) * 2 + 2);
  });
});

describe('files', () => {
  beforeAll(async () => {
    const { signal } = new AbortController();
    const quiet = { signal, progress: { write: () => true } };
    const eyes = { seed: 3, persons: 3, days: 1, patches: 8, annotationError: 0, outlierShare: 0 };
    await writeDataset(join(root, 'eyes'), mpiigazeFiles(eyes), quiet);
    const heads = { seed: 1, persons: 3, shots: 1, width: 40, height: 30 };
    await writeDataset(join(root, 'heads'), multipieFiles(heads), quiet);
  });

  test('MPIIGaze: seed s leaves person s out', async () => {
    const files = await read('mpiigaze', join(root, 'eyes'));
    expect(files.description).toContain('24 pictures of 3 persons, 60×36, to predict pitch and yaw');
    const { config, seeds, summary } = await run(
      {
        data: 'mpiigaze',
        file: join(root, 'eyes'),
        trainRows: 1e9,
        testRows: 1e9,
        noise: 0,
        labelError: 0,
        seed: 1,
        epochs: 1,
      },
      files,
    );
    expect(config).toMatchObject({ trainRows: 16, testRows: 8, size: '60x36', target: ['pitch', 'yaw'] });
    expect(seeds.map(({ images }) => [...new Set(images!.test.person)])).toEqual([[1], [2]]);
    expect(seeds[0]!.points.outlier).toBeNull();
    expect(summary).toMatchObject({ data: 'mpiigaze (eyes)', reference: 'held-out labels' });
  });

  test('errors are put into training labels alone', async () => {
    const files = await read('mpiigaze', join(root, 'eyes'));
    const given = { data: 'mpiigaze', trainRows: 12, testRows: 1e9, seeds: 1, methods: ['scratch'] } as const;
    const spoilt = await run({ ...given, methods: [...given.methods], noise: 0.5, labelError: 0 }, files);
    const { images, points } = spoilt.seeds[0]!;
    expect(points.outlier!.filter(Boolean).length).toBeGreaterThan(2);
    const train = images!.shown.filter(({ part }) => part === 'train');
    expect(train).toHaveLength(12);
    for (const { label, truth } of train) {
      // Either untouched, or the label of another picture of the training part.
      const isTrue = Math.hypot(label[0]! - truth![0]!, label[1]! - truth![1]!) < 1e-4;
      const isAnothers = train.some(
        (other) => Math.hypot(label[0]! - other.truth![0]!, label[1]! - other.truth![1]!) < 1e-4,
      );
      expect(isTrue || isAnothers).toBe(true);
    }
    for (const { label, truth } of images!.shown.filter(({ part }) => part === 'test'))
      expect(label).toEqual(truth);
  });

  test('Multi-PIE: yaw alone, folds of subjects', async () => {
    const files = await read('multipie', join(root, 'heads'));
    const { config, seeds, summary } = await run(
      {
        data: 'multipie',
        file: join(root, 'heads'),
        folds: 3,
        size: '36x27',
        seeds: 1,
        noise: 0,
        labelError: 0,
      },
      files,
    );
    expect(config).toMatchObject({ target: ['yaw'], size: '36x27', trainRows: 24, testRows: 7 });
    expect(new Set(seeds[0]!.images!.test.person).size).toBe(1);
    expect(summary.rows[0]!.mean).toBeLessThan(180);
  });

  test('too few persons, damaged files, a stop', async () => {
    const files = await read('multipie', join(root, 'heads'));
    await expect(run({ data: 'multipie', file: 'heads', folds: 4 }, files)).rejects.toThrow(
      'heads: pictures of 3 persons; a split by person wants 4, or at most --folds 3',
    );
    await expect(run({ data: 'mpiigaze', file: 'x' })).rejects.toThrow(
      "data 'mpiigaze' wants a set of pictures",
    );
    await expect(read('mpiigaze', join(root, 'nothing'))).rejects.toThrow(
      /nothing.* cannot be read: no such file/,
    );
    const bad = join(root, 'heads/session01/multiview/001/01/05_1/001_01_01_051_00.png');
    writeFileSync(bad, 'x');
    await expect(read('multipie', join(root, 'heads'))).rejects.toThrow(
      /051_00\.png, byte 0: .* \(--skip-bad /,
    );
    const skipped: string[] = [];
    const onSkip = (message: string) => skipped.push(message);
    const rest = await read('multipie', join(root, 'heads'), { skipBad: true }, { onSkip });
    expect(skipped).toHaveLength(1);
    expect(rest.pictures.rows).toBe(files.pictures.rows - 1);
    expect(rest.description).toContain('1 damaged file was skipped');
    const signal = AbortSignal.abort();
    await expect(read('multipie', join(root, 'heads'), {}, { signal })).rejects.toMatchObject({
      exitCode: 130,
    });
  });
});
