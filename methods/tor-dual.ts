import { torDual as torDualSqrt, torDualDrop, torDualSmooth, torDualSquare } from '../losses/tor-dual.ts';
import type { Method } from './method.ts';

const losses = { sqrt: torDualSqrt, smooth: torDualSmooth, square: torDualSquare, drop: torDualDrop };

/** Teacher outlier rejection on the label head, imitation on the teacher head. */
export const torDual: Method = {
  name: 'tor-dual',
  summary: 'teacher outlier rejection, two heads on one trunk',
  hasTwoHeads: true,
  needsTeacher: true,
  loss({ pred, teacherPred }, { label, teacher, outlier }, options) {
    const { outlierBranch, eps, teacherWeight, leadingAxes } = options;
    if (!teacherPred) throw new Error('tor-dual: the student has no teacher head');
    const inputs = { pred, teacherPred, label, teacher, outlier };
    return losses[outlierBranch](inputs, { eps, teacherWeight }, { leadingAxes });
  },
};
