/** Heads of CMU Multi-PIE. */
import { type DataKindOf, overrule } from './data-kind.ts';
import { folds, pictureDefaults, pictureOptions, pictureReading, size } from './images.ts';

export const multipie: DataKindOf<'multipie'> = {
  name: 'multipie',
  words: 'multipie:FOLDER',
  reads: 'pictures',
  isOfImages: true,
  tasks: ['gaze'],
  options: pictureOptions,
  reading: pictureReading,
  defaults: [...pictureDefaults, overrule(size, '36x27'), overrule(folds, 5)],
};
