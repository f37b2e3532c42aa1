/** Rendered eyes. */
import { integer, type ValuesOf } from '../../../base/option.ts';
import { eyesDataset } from '../../../datasets/images/picture-dataset.ts';
import { GAZE_TARGETS } from '../../../datasets/images/pictures.ts';
import { type DataKindOf, overrule } from './data-kind.ts';
import { imageDefaults, imageOptions, labelError, size, widthAndHeight } from './images.ts';
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

export const eyes: DataKindOf<'eyes', ValuesOf<typeof eyesOptions>> = {
  name: 'eyes',
  words: 'eyes',
  columns: { inputs: ['image'], targets: GAZE_TARGETS },
  reference: 'true gaze',
  dataset(
    { trainRows, testRows, patches, labelError: annotationError, noise: outlierShare, ...rest },
    { random },
  ) {
    const { width, height } = widthAndHeight(rest.size);
    return eyesDataset({
      random,
      trainRows,
      testRows,
      patches,
      width,
      height,
      annotationError,
      outlierShare,
    });
  },
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
