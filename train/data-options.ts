/** The options of `distill` that say what is learnt: the sinusoid, or a table from a file. */

import type { Option } from './option-list.ts';

/** More of anything is a slip of the keyboard. */
export const most = 1e9;

export const dataOptions: readonly Option[] = [
  { name: 'data', kind: 'data', group: 'data', help: 'sinusoid, or a CSV file of numbers [sinusoid]' },
  {
    name: 'target',
    key: 'target',
    kind: 'columns',
    only: 'csv',
    group: 'data',
    help: 'columns of the file to predict [the last]',
  },
  {
    name: 'columns',
    kind: 'columns',
    only: 'csv',
    group: 'data',
    help: 'columns to read, inputs and targets [all]',
  },
  {
    name: 'header',
    kind: 'choice',
    choices: ['auto', 'yes', 'no'],
    only: 'csv',
    group: 'data',
    help: 'whether its first line names the columns',
  },
  {
    name: 'test-share',
    key: 'testShare',
    kind: 'number',
    min: 0.001,
    max: 0.9,
    only: 'csv',
    group: 'data',
    help: 'share of its rows that are held out, for each seed others',
  },
  {
    name: 'noise',
    key: 'noise',
    kind: 'number',
    min: 0,
    max: 1,
    group: 'data',
    help: 'share of contaminated labels (of a file: 0)',
  },
  {
    name: 'outlier-size',
    key: 'outlierSize',
    kind: 'number',
    min: 0,
    group: 'data',
    help: 'a contaminated label is off by U[-size, size] (of a file: deviations)',
  },
  {
    name: 'gaussian-noise',
    key: 'gaussianNoise',
    only: 'sinusoid',
    kind: 'number',
    min: 0,
    group: 'data',
    help: 'standard deviation of the noise on every label',
  },
  {
    name: 'frequency',
    key: 'frequency',
    only: 'sinusoid',
    kind: 'number',
    min: 0,
    isAbove: true,
    group: 'data',
    help: 'f(x) = sin(2π·frequency·x) on [-1, 1]',
  },
  {
    name: 'train-rows',
    key: 'trainRows',
    only: 'sinusoid',
    kind: 'integer',
    min: 10,
    max: most,
    group: 'data',
    help: 'training samples',
  },
  {
    name: 'test-rows',
    key: 'testRows',
    only: 'sinusoid',
    kind: 'integer',
    min: 1,
    max: most,
    group: 'data',
    help: 'test samples',
  },
];
