import { tbrImitation as tbrImitationLoss } from '../losses/tbr.ts';
import type { Method } from './method.ts';

/** Squared errors to labels and teacher, the teacher's only where the student is worse. */
export const tbrImitation: Method = {
  name: 'tbr-imitation',
  summary: 'squared errors to labels and teacher, the latter while the student is worse',
  hasTwoHeads: false,
  needsTeacher: true,
  loss: ({ pred }, { label, teacher }, { alpha, leadingAxes }) =>
    tbrImitationLoss({ pred, label, teacher }, { alpha }, { leadingAxes }),
};
