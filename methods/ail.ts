/** The method `ail`: attentive imitation. */
import { number } from '../base/option.ts';
import { ail as ailLoss } from '../losses/ail.ts';
import { attention } from './artifacts/attention.ts';
import { teacher } from './artifacts/teacher.ts';
import { lossMethod } from './loss-method.ts';

const options = {
  ailAlpha: number({
    name: 'ail-alpha',
    group: 'training',
    min: 0,
    max: 1,
    default: 0.5,
    help: "share of ail's error to the labels, likewise",
  }),
};

/** Attentive imitation: the teacher is followed as far as it was right. */
export const ail = lossMethod({
  name: 'ail',
  summary: 'attentive imitation: the teacher counts as far as it was right',
  labels: 'numbers',
  options,
  uses: [teacher, attention],
  loss: ({ heads, batch: { label, teacher, attention }, keeping }, { ailAlpha: alpha }) =>
    ailLoss({ pred: heads.label, label, teacher, attention }, { alpha }, keeping),
});
