/** The method `scratch`: labels alone. */
import { lossMethod } from './loss-method.ts';

/** The baseline: the task's own loss on the labels, no teacher. */
export const scratch = lossMethod({
  name: 'scratch',
  summary: "the task's loss to the labels: squared error, of classes cross-entropy",
  isUsual: true,
  loss: ({ heads, batch, task, keeping }) => task.supervised(heads.label, batch.label, keeping),
});
