/** Rendered eyes. */
import { integer } from '../../../base/option.ts';
import { type DataKindOf, overrule } from './data-kind.ts';
import { imageDefaults, imageOptions, labelError, size } from './images.ts';
import { noise, testRows, trainRows } from './samples.ts';

export const eyesOptions = {
  ...imageOptions,
  /** Of each person. */
  patches: integer({
    name: 'patches',
    group: 'data',
    min: 1,
    max: 100_000,
    default: 2,
    help: 'rendered eyes of each person [2]',
  }),
};

export const eyes: DataKindOf<'eyes'> = {
  name: 'eyes',
  words: 'eyes',
  isOfImages: true,
  tasks: ['gaze'],
  options: eyesOptions,
  defaults: [
    ...imageDefaults,
    overrule(noise, 0.1),
    overrule(labelError, 4),
    overrule(size, '32x20'),
    overrule(trainRows, 20_000),
    overrule(testRows, 1000),
  ],
};
