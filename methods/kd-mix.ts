import { number, type ValuesOf } from '../base/option.ts';
import { kdMix as kdMixLoss } from '../losses/regression.ts';
import type { Method } from './method.ts';

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
export const kdMix: Method<ValuesOf<typeof options>> = {
  name: 'kd-mix',
  summary: 'squared errors to labels and teacher, half and half',
  options,
  hasTwoHeads: false,
  needsTeacher: true,
  loss: ({ pred }, { label, teacher }, { kdMixAlpha: alpha, leadingAxes }) =>
    kdMixLoss({ pred, label, teacher }, { alpha }, { leadingAxes }),
};
