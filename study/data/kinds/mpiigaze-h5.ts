/** MPIIGaze in one HDF5 file. */
import type { DataKindOf } from './data-kind.ts';
import { pictureDefaults, pictureOptions, pictureReading } from './images.ts';

export const mpiigazeH5: DataKindOf<'mpiigaze-h5'> = {
  name: 'mpiigaze-h5',
  words: 'mpiigaze-h5:FILE',
  reads: 'pictures',
  isOfImages: true,
  tasks: ['gaze'],
  options: pictureOptions,
  reading: pictureReading,
  defaults: pictureDefaults,
};
