/** The method `tor-dual`: `tor` on one head, imitation on another. */
import { number } from '../base/option.ts';
import { torDualLosses } from '../losses/tor-dual.ts';
import { outlier } from './artifacts/outlier.ts';
import { teacher } from './artifacts/teacher.ts';
import { lossMethod } from './loss-method.ts';
import { torOptions } from './tor.ts';

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
  labels: 'numbers',
  options,
  isUsual: true,
  uses: [teacher, outlier],
  secondHead: { name: 'teacher', kind: 'prediction' },
  loss({ heads, batch: { label, teacher, outlier }, keeping }, { outlierBranch, eps, teacherWeight }) {
    const inputs = { pred: heads.label, teacherPred: heads.teacher, label, teacher, outlier };
    return torDualLosses[outlierBranch](inputs, { eps, teacherWeight }, keeping);
  },
});
