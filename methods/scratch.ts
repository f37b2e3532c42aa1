/** The method `scratch`: labels alone. */
import { lossMethod } from './loss-method.ts';

/** The baseline: the task's own loss on the labels, no teacher. */
export const scratch = lossMethod({
  name: 'scratch',
  summary: 'squared error to the labels',
  isUsual: true,
  loss: ({ heads, batch, task, keeping }) => task.supervised(heads.label, batch.label, keeping),
});
