import { number, type ValuesOf } from '../base/option.ts';
import { huber } from '../losses/regression.ts';
import type { Method } from './method.ts';

const options = {
  huberDelta: number({
    name: 'huber-delta',
    group: 'training',
    min: 0,
    isAbove: true,
    default: 1,
    help: 'from where on scratch-huber counts errors linearly, in deviations of the labels',
  }),
};

/** The robust baseline: Huber's loss to the labels, no teacher. What TOR must be compared with on noisy labels. */
export const scratchHuber: Method<ValuesOf<typeof options>> = {
  name: 'scratch-huber',
  summary: "Huber's loss to the labels",
  options,
  isUsual: true,
  hasTwoHeads: false,
  needsTeacher: false,
  loss: ({ pred }, { label }, { huberDelta: delta, leadingAxes }) =>
    huber({ pred, label }, { delta }, { leadingAxes }),
};
