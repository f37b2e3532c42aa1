/** Options that several kinds of data share: how many samples are made, and how their labels are put off. */
import { integer, most, number, whereAbove } from '../../../base/option.ts';

/** Share of contaminated labels. */
export const noise = number({
  name: 'noise',
  elsewhere: ['outliers'],
  group: 'data',
  min: 0,
  max: 1,
  default: 0.2,
  help: 'share of grossly wrong labels (of eyes: 0.1, of files: 0)',
  form: {
    section: 'Data',
    label: 'Outlier share',
    hint: 'share of training labels that are put off',
    slider: { min: 0, max: 0.6, step: 0.01 },
  },
});

export const outlierSize = number({
  name: 'outlier-size',
  group: 'data',
  min: 0,
  default: 3,
  help: 'a contaminated label is off by U[-size, size] (of a file: deviations)',
  when: whereAbove(noise, 0),
  form: {
    section: 'Data',
    hint: 'by up to ± this (of a file: deviations)',
    slider: { min: 0, max: 10, step: 0.1 },
  },
});

export const trainRows = integer({
  name: 'train-rows',
  group: 'data',
  min: 10,
  max: most,
  default: 500,
  help: 'training samples (eyes 20000; of images that are read at most so many)',
});

export const testRows = integer({
  name: 'test-rows',
  group: 'data',
  min: 1,
  max: most,
  default: 1000,
  help: 'test samples, likewise',
});
