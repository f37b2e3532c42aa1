import { number, type ValuesOf } from '../base/option.ts';
import { tbrImitation as tbrImitationLoss } from '../losses/tbr.ts';
import type { Method } from './method.ts';

const options = {
  tbrImitationAlpha: number({
    name: 'tbr-imitation-alpha',
    group: 'training',
    min: 0,
    max: 1,
    default: 0.5,
    help: "share of tbr-imitation's error to the labels, likewise",
  }),
};

/** Squared errors to labels and teacher, the teacher's only where the student is worse. */
export const tbrImitation: Method<ValuesOf<typeof options>> = {
  name: 'tbr-imitation',
  summary: 'squared errors to labels and teacher, the latter while the student is worse',
  options,
  hasTwoHeads: false,
  needsTeacher: true,
  loss: ({ pred }, { label, teacher }, { tbrImitationAlpha: alpha, leadingAxes }) =>
    tbrImitationLoss({ pred, label, teacher }, { alpha }, { leadingAxes }),
};
