/** A method of one's own: npm run distill -- --methods scratch,imitation,examples/own-method.ts --halfway-share 0.3 */
import { add, mul } from '../index.ts';
import { lossMethod, number, teacher } from '../cli/from-code.ts';

const options = {
  halfwayShare: number({
    name: 'halfway-share',
    group: 'training',
    min: 0,
    max: 1,
    default: 0.5,
    help: "share of halfway's error to the teacher",
  }),
};

/** Part of the way from the labels to the teacher. */
export const halfway = lossMethod({
  name: 'halfway',
  summary: 'labels and teacher, by shares',
  options,
  uses: [teacher],
  loss({ heads, batch, task, keeping }, { halfwayShare }) {
    const toLabel = task.supervised(heads.label, batch.label, keeping);
    const toTeacher = task.imitation(heads.label, batch.teacher, keeping);
    return add(mul(toLabel, 1 - halfwayShare), mul(toTeacher, halfwayShare));
  },
});
