/** Samples of a sine with noisy labels. */
import { number, type ValuesOf } from '../../../base/option.ts';
import { sinusoid as sinusoidDataset } from '../../../datasets/sinusoid.ts';
import { type DataKindOf, overrule } from './data-kind.ts';
import { noise, outlierSize, testRows, trainRows } from './samples.ts';

const gaussianNoise = number({
  name: 'gaussian-noise',
  group: 'data',
  min: 0,
  default: 0,
  help: 'standard deviation of the noise on every label',
  form: {
    section: 'Data',
    hint: 'standard deviation, on every label',
    slider: { min: 0, max: 1, step: 0.01 },
  },
});

export const sinusoidOptions = {
  /** Share of contaminated labels, 0 to 1. */
  noise,
  /** U[-outlierSize, outlierSize] is added to a contaminated label, of a table times their standard deviation. */
  outlierSize,
  /** Standard deviation of the Gaussian noise on every label. */
  gaussianNoise,
  /** Periods of the sine over [-1, 1] are 2·frequency: f(x) = sin(2π·frequency·x). */
  frequency: number({
    name: 'frequency',
    group: 'data',
    min: 0,
    isAbove: true,
    default: 1,
    help: 'f(x) = sin(2π·frequency·x) on [-1, 1]',
  }),
  trainRows,
  testRows,
};

export const sinusoid: DataKindOf<'sinusoid', ValuesOf<typeof sinusoidOptions>> = {
  name: 'sinusoid',
  words: 'sinusoid',
  columns: { inputs: ['x'], targets: ['y'] },
  reference: 'clean function',
  range: [-1, 1],
  dataset: ({ noise: outlierShare, ...options }, { random }) =>
    sinusoidDataset(random, { ...options, outlierShare }),
  isOfImages: false,
  tasks: ['regression'],
  options: sinusoidOptions,
  defaults: [overrule(gaussianNoise, 0.1)],
};
