import { number } from '../base/option.ts';
import { torDual as torDualSqrt, torDualDrop, torDualSmooth, torDualSquare } from '../losses/tor-dual.ts';
import { outlier } from './artifacts/outlier.ts';
import { teacher } from './artifacts/teacher.ts';
import { lossMethod } from './loss-method.ts';
import { taught, torOptions } from './tor.ts';

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
export const torDual = lossMethod({
  name: 'tor-dual',
  summary: 'teacher outlier rejection, two heads on one trunk',
  options,
  isUsual: true,
  uses: [teacher, outlier],
  secondHead: { name: 'teacher', kind: 'prediction' },
  loss({ heads, batch, keeping }, { outlierBranch, eps, teacherWeight }) {
    const inputs = { ...taught(batch), pred: heads.label, teacherPred: heads.teacher };
    return losses[outlierBranch](inputs, { eps, teacherWeight }, keeping);
  },
});
