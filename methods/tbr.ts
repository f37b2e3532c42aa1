import { tbr as tbrLoss } from '../losses/tbr.ts';
import type { Method } from './method.ts';

/** Smooth L1 to the label, and squared error while the student is worse than the teacher. */
export const tbr: Method = {
  name: 'tbr',
  summary: "teacher-bounded regression: errors count double where they exceed the teacher's",
  hasTwoHeads: false,
  needsTeacher: true,
  loss: ({ pred }, { label, teacher }, { leadingAxes }) =>
    tbrLoss({ pred, label, teacher }, {}, { leadingAxes }),
};
