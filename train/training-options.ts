/** The option --batch-size, which the training of any network reads. */
import { integer, most } from '../base/option.ts';

export const batchSize = integer({
  name: 'batch-size',
  elsewhere: ['batch'],
  group: 'training',
  min: 1,
  max: most,
  default: 128,
  help: 'samples a step',
});
