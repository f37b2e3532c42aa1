/** The method `tbr`: teacher-bounded regression. */
import { tbr as tbrLoss } from '../losses/tbr.ts';
import { teacher } from './artifacts/teacher.ts';
import { lossMethod } from './loss-method.ts';

/** Smooth L1 to the label, and squared error while the student is worse than the teacher. */
export const tbr = lossMethod({
  name: 'tbr',
  summary: "teacher-bounded regression: errors count double where they exceed the teacher's",
  labels: 'numbers',
  uses: [teacher],
  loss: ({ heads, batch: { label, teacher }, keeping }) =>
    tbrLoss({ pred: heads.label, label, teacher }, {}, keeping),
});
