/** What a study does where nothing else is asked for, by its data. */

import type { DataKind, StudyConfig } from '../results.ts';

export const defaults: StudyConfig = {
  data: 'sinusoid',
  file: '',
  target: [],
  testShare: 0.2,
  missing: 'refuse',
  trainFraction: 1,
  validationShare: 0,
  noise: 0.2,
  outlierSize: 3,
  gaussianNoise: 0.1,
  frequency: 1,
  trainRows: 500,
  testRows: 1000,
  labelError: 0,
  size: '',
  patches: 10,
  folds: 0,
  shift: 0,
  brightness: 0,
  pixelNoise: 0,
  methods: ['scratch', 'scratch-huber', 'imitation', 'tor', 'tor-dual'],
  teacher: 'mlp:100,100',
  student: 'mlp:16,16',
  epochs: 768,
  teacherEpochs: 256,
  steps: 0,
  teacherSteps: 0,
  batchSize: 128,
  learningRate: 0.01,
  teacherLearningRate: 0.01,
  teacherMode: 'plain',
  rule: 'mad',
  deviations: 3,
  quantile: 0.9,
  threshold: 1,
  outlierBranch: 'smooth',
  eps: 1,
  teacherWeight: 1,
  perturbation: 'gaussian',
  sigma: 1,
  slopes: 'exact',
  abm: 'ascent',
  ascentSteps: 3,
  ascentSize: 0.2,
  pmWeight: 1,
  abmWeight: 1,
  gmWeight: 1,
  sought: '1:0',
  directSteps: 2,
  directSize: 1,
  generatorEvery: 10,
  impressionSteps: 2000,
  seeds: 5,
  seed: 0,
  batchSeeds: 32,
  device: 'auto',
  math: 'portable',
};

/** Its labels are as noisy as they are, and often there are many. */
export const tableDefaults: StudyConfig = {
  ...defaults,
  data: 'table',
  noise: 0,
  gaussianNoise: 0,
  epochs: 200,
  teacherEpochs: 100,
};

/** More rows than any data set has. */
const ALL = 1e9;

/** Rendered eyes, small enough for a computer without a GPU; how the numbers were chosen: docs/tuning/eyes.md. */
export const eyesDefaults: StudyConfig = {
  ...defaults,
  data: 'eyes',
  noise: 0.1,
  gaussianNoise: 0,
  labelError: 4,
  size: '32x20',
  trainRows: 20_000,
  testRows: 1000,
  patches: 2,
  teacher: 'lenet:0.5',
  student: 'lenet:0.125',
  epochs: 5,
  teacherEpochs: 5,
  batchSize: 64,
  learningRate: 0.005,
  teacherLearningRate: 0.005,
};

/** Images that are read: all of them, as they are. */
const imageDefaults: StudyConfig = {
  ...eyesDefaults,
  noise: 0,
  labelError: 0,
  size: '',
  trainRows: ALL,
  testRows: ALL,
};

export function defaultsOf(data: DataKind): StudyConfig {
  switch (data) {
    case 'sinusoid':
      return defaults;
    case 'table':
      return tableDefaults;
    case 'eyes':
      return eyesDefaults;
    case 'multipie':
      return { ...imageDefaults, data, size: '36x27', folds: 5 };
    default:
      return { ...imageDefaults, data };
  }
}
