import { ail as ailLoss } from '../losses/ail.ts';
import { type Method, needed } from './method.ts';

/** Attentive imitation: the teacher is followed as far as it was right. */
export const ail: Method = {
  name: 'ail',
  summary: 'attentive imitation: the teacher counts as far as it was right',
  hasTwoHeads: false,
  needsTeacher: true,
  needs: ['attention'],
  loss({ pred }, batch, { alpha, leadingAxes }) {
    const { label, teacher } = batch;
    const attention = needed(ail, batch, 'attention');
    return ailLoss({ pred, label, teacher, attention }, { alpha }, { leadingAxes });
  },
};
