/** The method `kd`: classes from labels and from a teacher's distribution, in one pass. */
import { number } from '../base/option.ts';
import { kdLoss } from '../losses/classification.ts';
import { kdTemperature } from '../tasks/classification.ts';
import { teacher } from './artifacts/teacher.ts';
import { lossMethod } from './loss-method.ts';

const options = {
  kdAlpha: number({
    name: 'kd-alpha',
    group: 'training',
    min: 0,
    max: 1,
    default: 0.1,
    help: "share of kd's cross-entropy to the labels; the rest of 1 is the divergence from the teacher",
  }),
  kdTemperature,
};

/** Knowledge distillation (Hinton et al. 2015): cross-entropy to labels, divergence from the teacher at a temperature. */
export const kd = lossMethod({
  name: 'kd',
  summary: "of classes: cross-entropy to labels, and the teacher's distribution at a temperature",
  options,
  isUsual: true,
  labels: 'classes',
  uses: [teacher],
  loss: ({ heads, batch: { label, teacher }, keeping }, { kdAlpha: alpha, kdTemperature: temperature }) =>
    kdLoss({ logits: heads.label, teacher, label }, { alpha, temperature }, keeping),
});
