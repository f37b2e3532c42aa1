/** The method `tbr-imitation`: the teacher where the student is worse. */
import { number } from '../base/option.ts';
import { tbrImitation as tbrImitationLoss } from '../losses/tbr.ts';
import { teacher } from './artifacts/teacher.ts';
import { lossMethod } from './loss-method.ts';

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
export const tbrImitation = lossMethod({
  name: 'tbr-imitation',
  summary: 'squared errors to labels and teacher, the latter while the student is worse',
  labels: 'numbers',
  options,
  uses: [teacher],
  loss: ({ heads, batch: { label, teacher }, keeping }, { tbrImitationAlpha: alpha }) =>
    tbrImitationLoss({ pred: heads.label, label, teacher }, { alpha }, keeping),
});
