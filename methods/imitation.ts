import { mse } from '../losses/regression.ts';
import type { Method } from './method.ts';

/** Squared error to the teacher's predictions; the labels are not used. */
export const imitation: Method = {
  name: 'imitation',
  summary: "squared error to the teacher's predictions",
  isUsual: true,
  hasTwoHeads: false,
  needsTeacher: true,
  loss: ({ pred }, { teacher }, { leadingAxes }) => mse({ pred, label: teacher }, {}, { leadingAxes }),
};
