/** MPIIGaze as it is published: a folder of days. */
import { choice } from '../../../base/option.ts';
import type { DataKindOf } from './data-kind.ts';
import { pictureDefaults, pictureOptions, pictureReading } from './images.ts';

export const mpiigazeReading = {
  subset: choice({
    name: 'subset',
    group: 'data',
    choices: ['evaluation', 'all'],
    default: 'evaluation',
    help: 'which eyes of MPIIGaze: those of its lists, or every one',
  }),
  ...pictureReading,
};

export const mpiigaze: DataKindOf<'mpiigaze'> = {
  name: 'mpiigaze',
  words: 'mpiigaze:FOLDER',
  reads: 'pictures',
  isOfImages: true,
  tasks: ['gaze'],
  options: pictureOptions,
  reading: mpiigazeReading,
  defaults: pictureDefaults,
};
