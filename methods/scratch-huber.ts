/** The method `scratch-huber`: labels alone, by Huber's loss. */
import { number } from '../base/option.ts';
import { huber } from '../losses/regression.ts';
import { lossMethod } from './loss-method.ts';

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
export const scratchHuber = lossMethod({
  name: 'scratch-huber',
  summary: "Huber's loss to the labels",
  labels: 'numbers',
  options,
  isUsual: true,
  loss: ({ heads, batch, keeping }, { huberDelta: delta }) =>
    huber({ pred: heads.label, label: batch.label }, { delta }, keeping),
});
