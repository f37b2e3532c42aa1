/** The options of `distill` that say what is learnt: data made here, a table from a file, or images. */

import type { Option } from './option-list.ts';
import type { DataKind } from './results.ts';

/** More of anything is a slip of the keyboard. */
export const most = 1e9;

const readImages: readonly DataKind[] = ['mpiigaze', 'mpiigaze-h5', 'multipie'];
const images: readonly DataKind[] = ['eyes', ...readImages];

const tableOptions: readonly Option[] = [
  {
    name: 'target',
    key: 'target',
    kind: 'columns',
    only: ['csv'],
    group: 'data',
    help: 'columns of the file to predict [the last]',
  },
  {
    name: 'columns',
    kind: 'columns',
    only: ['csv'],
    group: 'data',
    help: 'columns to read, inputs and targets [all]',
  },
  {
    name: 'header',
    kind: 'choice',
    choices: ['auto', 'yes', 'no'],
    only: ['csv'],
    group: 'data',
    help: 'whether its first line names the columns',
  },
  {
    name: 'test-share',
    key: 'testShare',
    kind: 'number',
    min: 0.001,
    max: 0.9,
    only: ['csv'],
    group: 'data',
    help: 'share of its rows that are held out, for each seed others',
  },
];

const imageOptions: readonly Option[] = [
  {
    name: 'label-error',
    key: 'labelError',
    kind: 'number',
    min: 0,
    max: 30,
    only: images,
    group: 'data',
    help: 'deviation of errors put into training labels, degrees (eyes: 4, files: 0)',
  },
  {
    name: 'size',
    key: 'size',
    kind: 'size',
    only: images,
    group: 'data',
    help: 'pixels of an image (eyes 30x18, Multi-PIE 36x27, MPIIGaze as it is)',
  },
  {
    name: 'patches',
    key: 'patches',
    kind: 'integer',
    min: 1,
    max: 100_000,
    only: ['eyes'],
    group: 'data',
    help: 'rendered eyes of each person',
  },
  {
    name: 'folds',
    key: 'folds',
    kind: 'integer',
    min: 0,
    max: 65_535,
    only: readImages,
    group: 'data',
    help: 'parts of persons, seed s tests on part s; 0: a person each (Multi-PIE: 5)',
  },
  {
    name: 'subset',
    kind: 'choice',
    choices: ['evaluation', 'all'],
    only: ['mpiigaze'],
    group: 'data',
    help: 'which eyes of MPIIGaze: those of its lists, or every one',
  },
  { name: 'skip-bad', kind: 'flag', only: readImages, group: 'data', help: 'goes on without damaged files' },
  {
    name: 'shift',
    key: 'shift',
    kind: 'integer',
    min: 0,
    max: 1000,
    only: images,
    group: 'data',
    help: 'training images move by up to so many pixels, in every step anew',
  },
  {
    name: 'brightness',
    key: 'brightness',
    kind: 'number',
    min: 0,
    max: 1,
    only: images,
    group: 'data',
    help: 'they get lighter or darker by up to this share of white',
  },
  {
    name: 'pixel-noise',
    key: 'pixelNoise',
    kind: 'number',
    min: 0,
    max: 1,
    only: images,
    group: 'data',
    help: 'standard deviation of noise on their pixels, a share of white',
  },
];

export const dataOptions: readonly Option[] = [
  {
    name: 'data',
    kind: 'data',
    group: 'data',
    help:
      'sinusoid, eyes, a CSV file of numbers, mpiigaze:FOLDER, mpiigaze-h5:FILE\n' +
      `${' '.repeat(32)}or multipie:FOLDER [sinusoid]`,
  },
  ...tableOptions,
  {
    name: 'noise',
    key: 'noise',
    kind: 'number',
    min: 0,
    max: 1,
    group: 'data',
    help: 'share of grossly wrong labels (of eyes: 0.1, of files: 0)',
  },
  {
    name: 'outlier-size',
    key: 'outlierSize',
    kind: 'number',
    min: 0,
    only: ['sinusoid', 'csv'],
    group: 'data',
    help: 'a contaminated label is off by U[-size, size] (of a file: deviations)',
  },
  {
    name: 'gaussian-noise',
    key: 'gaussianNoise',
    only: ['sinusoid'],
    kind: 'number',
    min: 0,
    group: 'data',
    help: 'standard deviation of the noise on every label',
  },
  {
    name: 'frequency',
    key: 'frequency',
    only: ['sinusoid'],
    kind: 'number',
    min: 0,
    isAbove: true,
    group: 'data',
    help: 'f(x) = sin(2π·frequency·x) on [-1, 1]',
  },
  {
    name: 'train-rows',
    key: 'trainRows',
    only: ['sinusoid', ...images],
    kind: 'integer',
    min: 10,
    max: most,
    group: 'data',
    help: 'training samples (eyes 4000; of images that are read at most so many)',
  },
  {
    name: 'test-rows',
    key: 'testRows',
    only: ['sinusoid', ...images],
    kind: 'integer',
    min: 1,
    max: most,
    group: 'data',
    help: 'test samples, likewise',
  },
  ...imageOptions,
];
