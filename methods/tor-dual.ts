import { number, type ValuesOf } from '../base/option.ts';
import { torDual as torDualSqrt, torDualDrop, torDualSmooth, torDualSquare } from '../losses/tor-dual.ts';
import type { Method } from './method.ts';
import { torOptions } from './tor.ts';

const losses = { sqrt: torDualSqrt, smooth: torDualSmooth, square: torDualSquare, drop: torDualDrop };

const options = {
  ...torOptions,
  /** Of the teacher head's loss. */
  teacherWeight: number({
    name: 'teacher-weight',
    group: 'training',
    min: 0,
    default: 1,
    help: "weight of tor-dual's teacher head",
  }),
};

/** Teacher outlier rejection on the label head, imitation on the teacher head. */
export const torDual: Method<ValuesOf<typeof options>> = {
  name: 'tor-dual',
  summary: 'teacher outlier rejection, two heads on one trunk',
  options,
  isUsual: true,
  hasTwoHeads: true,
  needsTeacher: true,
  loss(
    { pred, teacherPred },
    { label, teacher, outlier },
    { outlierBranch, eps, teacherWeight, leadingAxes },
  ) {
    if (!teacherPred) throw new Error('tor-dual: the student has no teacher head');
    const inputs = { pred, teacherPred, label, teacher, outlier };
    return losses[outlierBranch](inputs, { eps, teacherWeight }, { leadingAxes });
  },
};
