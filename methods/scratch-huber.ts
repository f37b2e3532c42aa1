import { huber } from '../losses/regression.ts';
import type { Method } from './method.ts';

/** The robust baseline: Huber's loss to the labels, no teacher. What TOR must be compared with on noisy labels. */
export const scratchHuber: Method = {
  name: 'scratch-huber',
  summary: "Huber's loss to the labels",
  hasTwoHeads: false,
  needsTeacher: false,
  loss: ({ pred }, { label }, { delta, leadingAxes }) => huber({ pred, label }, { delta }, { leadingAxes }),
};
