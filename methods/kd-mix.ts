import { kdMix as kdMixLoss } from '../losses/regression.ts';
import type { Method } from './method.ts';

/** Squared errors to labels and teacher, mixed. */
export const kdMix: Method = {
  name: 'kd-mix',
  summary: 'squared errors to labels and teacher, half and half',
  hasTwoHeads: false,
  needsTeacher: true,
  loss: ({ pred }, { label, teacher }, { alpha, leadingAxes }) =>
    kdMixLoss({ pred, label, teacher }, { alpha }, { leadingAxes }),
};
