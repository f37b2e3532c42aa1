import { number, type ValuesOf } from '../base/option.ts';
import { ail as ailLoss } from '../losses/ail.ts';
import { type Method, needed } from './method.ts';

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
export const ail: Method<ValuesOf<typeof options>> = {
  name: 'ail',
  summary: 'attentive imitation: the teacher counts as far as it was right',
  options,
  hasTwoHeads: false,
  needsTeacher: true,
  needs: ['attention'],
  loss({ pred }, batch, { ailAlpha: alpha, leadingAxes }) {
    const { label, teacher } = batch;
    const attention = needed(ail, batch, 'attention');
    return ailLoss({ pred, label, teacher, attention }, { alpha }, { leadingAxes });
  },
};
