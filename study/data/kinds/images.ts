/** What all kinds of images have in common, and those that are read. */
import { type Option, flag, integer, number } from '../../../base/option.ts';
import { batchSize } from '../../../train/training-options.ts';
import { epochs, learningRate, student } from '../../student-options.ts';
import { teacher, teacherEpochs, teacherLearningRate } from '../../teachers/teacher-options.ts';
import { overrule, type Overruled } from './data-kind.ts';
import { noise, testRows, trainRows } from './samples.ts';

export const labelError = number({
  name: 'label-error',
  group: 'data',
  min: 0,
  max: 30,
  default: 0,
  help: 'deviation of errors put into training labels, degrees (eyes: 4, files: 0)',
});

export const size: Option<string> = {
  name: 'size',
  kind: 'size',
  group: 'data',
  default: '',
  help: 'pixels of an image (eyes 32x20, Multi-PIE 36x27, MPIIGaze as it is)',
};

/** '30x18' as width and height in pixels. */
export function widthAndHeight(text: string): { width: number; height: number } {
  const [width, height] = text.split('x').map(Number);
  return { width: width!, height: height! };
}

const samples = {
  noise,
  trainRows,
  testRows,
  /** Standard deviation of the errors of annotation, degrees in each of two directions. */
  labelError,
  /** Width and height that images are made or shrunk to, '30x18'; '' keeps those of the files. */
  size,
};

/** How training images are changed, anew in every step: pixels, and shares of white. */
const changes = {
  shift: integer({
    name: 'shift',
    group: 'data',
    min: 0,
    max: 1000,
    default: 0,
    help: 'training images move by up to so many pixels, in every step anew',
  }),
  brightness: number({
    name: 'brightness',
    group: 'data',
    min: 0,
    max: 1,
    default: 0,
    help: 'they get lighter or darker by up to this share of white',
  }),
  pixelNoise: number({
    name: 'pixel-noise',
    group: 'data',
    min: 0,
    max: 1,
    default: 0,
    help: 'standard deviation of noise on their pixels, a share of white',
  }),
};

export const imageOptions = { ...samples, ...changes };

export const folds = integer({
  name: 'folds',
  group: 'data',
  min: 0,
  max: 65_535,
  default: 0,
  help: 'parts of persons, seed s tests on part s; 0: a person each (Multi-PIE: 5)',
});

export const pictureOptions = {
  ...samples,
  /** Parts that the persons are dealt to, one of them the test part; 0 leaves one person out. */
  folds,
  ...changes,
};

export const pictureReading = {
  skipBad: flag({ name: 'skip-bad', group: 'data', help: 'goes on without damaged files' }),
};

/** Small enough for a computer without a GPU; how the numbers were chosen: docs/tuning/eyes.md. */
export const imageDefaults: readonly Overruled[] = [
  overrule(teacher, 'lenet:0.5'),
  overrule(student, 'lenet:0.125'),
  overrule(epochs, 5),
  overrule(teacherEpochs, 5),
  overrule(batchSize, 64),
  overrule(learningRate, 0.005),
  overrule(teacherLearningRate, 0.005),
];

/** More rows than any data set has. */
const ALL = 1e9;

/** All of them, as they are. */
export const pictureDefaults: readonly Overruled[] = [
  ...imageDefaults,
  overrule(noise, 0),
  overrule(trainRows, ALL),
  overrule(testRows, ALL),
];
