/** Seeds of a study of images that trains nothing: rendered pictures, predictions that are the truth and noise. */

import { angularError } from '../datasets/images/gaze.ts';
import type { RandomSource } from '../datasets/dataset.ts';
import { renderedEyes } from '../datasets/images/rendered-eyes.ts';
import { renderedHeads } from '../datasets/images/rendered-heads.ts';
import { uniformValues } from '../engine/random.ts';
import type { MethodResult, SeedResult, ShownImage, StudyConfig, Summary } from '../study/results.ts';
import { summarise } from '../study/summary.ts';
import { fakeConfig, fakeOutcome, fakeSeed } from './fake-study.ts';

export const eyesConfig: StudyConfig = {
  ...fakeConfig,
  data: 'eyes',
  target: ['pitch', 'yaw'],
  labelError: 2,
  noise: 0.15,
};
export const headsConfig: StudyConfig = { ...fakeConfig, data: 'multipie', file: 'faces', target: ['yaw'] };

/** Pictures with angles in degrees, row after row. */
interface Pictures {
  width: number;
  height: number;
  pixels: Uint8Array;
  person: number[];
  truth: number[];
  label: number[];
}

export interface FakeImages {
  persons?: number;
  each?: number;
  width?: number;
  height?: number;
  shown?: { rejected: number; accepted: number; test: number };
}

const degrees = (radians: ArrayLike<number>) => Array.from(radians, (angle) => (angle * 180) / Math.PI);
const source = (seed: number): RandomSource => ({
  uniform: (count, call) => uniformValues(count, { seed, call }),
  normal: () => Promise.reject(new Error('not needed')),
});

function eyes(seed: number, { persons = 10, each = 30, width = 60, height = 36 }: FakeImages): Pictures {
  const made = renderedEyes(source(seed), {
    persons,
    patchesPerPerson: each,
    width,
    height,
    samples: 1,
    annotationError: 2,
    outlierShare: 0.15,
  });
  return { ...made, person: [...made.person], truth: degrees(made.trueGaze), label: degrees(made.gaze) };
}

function heads(seed: number, { persons = 10, width = 48, height = 36 }: FakeImages): Pictures {
  const made = renderedHeads(source(seed), {
    subjects: persons,
    shots: [0, 4, 12],
    width,
    height,
    samples: 1,
  });
  const truth = degrees(made.yaw);
  const random = uniformValues(2 * truth.length, { seed, call: 7 });
  const label = truth.map((yaw, i) => (random[2 * i]! < 0.15 ? 180 * random[2 * i + 1]! - 90 : yaw));
  return { ...made, person: [...made.subject], truth, label };
}

/** Degrees of noise by method, and what a person adds. */
const noises: Readonly<Record<string, number>> = { teacher: 2, tor: 3, 'tor-dual': 2.6 };

export function fakeImageSeed(config: StudyConfig, seed: number, options: FakeImages = {}): SeedResult {
  const pictures = (config.data === 'multipie' ? heads : eyes)(seed, options);
  const targets = config.target.length;
  const rows = pictures.person.length;
  const row = (values: readonly number[], i: number) => values.slice(i * targets, (i + 1) * targets);
  const methods = ['teacher', ...config.methods];
  const predictions = new Map(
    methods.map((method, m) => {
      const noise = uniformValues(3 * rows * targets, { seed, call: 100 + m });
      const size = 2 * (noises[method] ?? 4);
      const predicted = pictures.truth.map((angle, i) => {
        const person = pictures.person[Math.floor(i / targets)]!;
        const hardness = 0.7 + ((person * 0.618) % 1);
        const sum = noise[3 * i]! + noise[3 * i + 1]! + noise[3 * i + 2]! - 1.5;
        return angle * (1 - 0.01 * size) + size * hardness * sum;
      });
      return [method, predicted];
    }),
  );
  const between = (a: readonly number[], b: readonly number[]) => {
    const radians = (angles: readonly number[]) =>
      [(angles[0]! * Math.PI) / 180, (angles[1]! * Math.PI) / 180] as const;
    return targets === 1 ? Math.abs(a[0]! - b[0]!) : angularError(radians(a), radians(b));
  };
  const teacher = predictions.get('teacher')!;
  const residuals = pictures.person.map((_, i) => between(row(pictures.label, i), row(teacher, i)));
  const pixels = pictures.width * pictures.height;
  const showOf =
    (part: 'train' | 'test') =>
    (i: number): ShownImage => ({
      part,
      person: `p${String(pictures.person[i]).padStart(2, '0')}`,
      pixels: pictures.pixels.slice(i * pixels, (i + 1) * pixels),
      truth: row(pictures.truth, i),
      label: row(pictures.label, i),
      isRejected: part === 'train' && residuals[i]! > 7,
      residual: residuals[i]!,
      predicted: Object.fromEntries([...predictions].map(([method, values]) => [method, row(values, i)])),
    });
  const { rejected = 24, accepted = 12, test = 24 } = options.shown ?? {};
  const all = pictures.person.map((_, i) => i);
  const plain = fakeSeed({ ...config, trainRows: 2 }, seed);
  return {
    seed,
    points: {
      against: 'teacher',
      x: teacher,
      y: pictures.label,
      outlier: pictures.label.map((_, i) => {
        const at = Math.floor(i / targets);
        return between(row(pictures.label, at), row(pictures.truth, at)) > 6;
      }),
      rejected: pictures.label.map((_, i) => residuals[Math.floor(i / targets)]! > 7),
    },
    mask: { precision: 0.9, recall: 0.8 },
    results: plain.results.map((result): MethodResult => {
      const predicted = predictions.get(result.method)!;
      const errors = Float64Array.from(all, (i) => between(row(predicted, i), row(pictures.truth, i)));
      const angularError = errors.reduce((sum, error) => sum + error, 0) / rows;
      return {
        ...result,
        scores: { 'angular error': angularError, rmse: angularError / Math.SQRT2 },
        rmse: angularError / Math.SQRT2,
        angularError,
        angularErrors: errors,
        curve: result.curve.map((point) => ({
          ...point,
          testAngularError: point.testRmse! * 40 + angularError - 4,
        })),
        fit: {
          kind: 'predictions',
          label: pictures.truth.slice(0, 500 * targets),
          predicted: predicted.slice(0, 500 * targets),
        },
      };
    }),
    images: {
      width: pictures.width,
      height: pictures.height,
      people: all.map((i) => `p${String(i).padStart(2, '0')}`).slice(0, options.persons ?? 10),
      test: { person: pictures.person, truth: pictures.truth },
      shown: [
        ...all
          .filter((i) => residuals[i]! > 7)
          .slice(0, rejected)
          .map(showOf('train')),
        ...all
          .filter((i) => residuals[i]! <= 7)
          .slice(0, accepted)
          .map(showOf('train')),
        ...all
          .filter((i) => i % 7 === 3)
          .slice(0, test)
          .map(showOf('test')),
      ],
    },
  };
}

/** In degrees, as studies of images are summarised. */
export function imageSummary(config: StudyConfig, seeds: readonly SeedResult[]): Summary {
  const asErrors = seeds.map((seed) => ({
    ...seed,
    results: seed.results.map((result) => ({ ...result, rmse: result.angularError ?? result.rmse })),
  }));
  const summary = summarise(config, fakeOutcome, asErrors);
  return {
    ...summary,
    target: config.target,
    rows: summary.rows.map((row) => ({ ...row, metric: 'angular error' })),
  };
}
