/** The method `imitation`: the teacher's predictions alone. */
import { teacher } from './artifacts/teacher.ts';
import { lossMethod } from './loss-method.ts';

/** The task's loss to the teacher's predictions; the labels are not used. */
export const imitation = lossMethod({
  name: 'imitation',
  summary: "the task's loss to the teacher's predictions: squared error, of classes a divergence",
  isUsual: true,
  uses: [teacher],
  loss: ({ heads, batch, task, keeping }) => task.imitation(heads.label, batch.teacher, keeping),
});
