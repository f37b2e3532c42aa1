import { mse } from '../losses/regression.ts';
import type { Method } from './method.ts';

/** The baseline: squared error to the labels, no teacher. */
export const scratch: Method = {
  name: 'scratch',
  summary: 'squared error to the labels',
  isUsual: true,
  hasTwoHeads: false,
  needsTeacher: false,
  loss: ({ pred }, { label }, { leadingAxes }) => mse({ pred, label }, {}, { leadingAxes }),
};
