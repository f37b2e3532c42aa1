/** The method `kd-mix`: labels and teacher, mixed. */
import { number } from '../base/option.ts';
import { kdMix as kdMixLoss } from '../losses/regression.ts';
import { teacher } from './artifacts/teacher.ts';
import { lossMethod } from './loss-method.ts';

const options = {
  kdMixAlpha: number({
    name: 'kd-mix-alpha',
    group: 'training',
    min: 0,
    max: 1,
    default: 0.5,
    help: "share of kd-mix's error to the labels; the rest of 1 is that to the teacher",
  }),
};

/** Squared errors to labels and teacher, mixed. */
export const kdMix = lossMethod({
  name: 'kd-mix',
  summary: 'squared errors to labels and teacher, mixed',
  labels: 'numbers',
  options,
  uses: [teacher],
  loss: ({ heads, batch: { label, teacher }, keeping }, { kdMixAlpha: alpha }) =>
    kdMixLoss({ pred: heads.label, label, teacher }, { alpha }, keeping),
});
