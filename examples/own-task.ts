/** A task of one's own: npm run distill -- --task examples/own-task.ts --data FILE.csv */
import { add, mul, relu, sub, sum } from '../index.ts';
import type { Tensor } from '../index.ts';
import { type Keeping, type Metric, regression, type Task } from '../cli/from-code.ts';

/** Of ten labels nine lie below the prediction. */
const LEVEL = 0.9;

/** What a prediction below the label costs is nine times what one above it does: mean of max(q·u, (q - 1)·u), u = label - pred. */
function pinball(pred: Tensor, label: Tensor, { leadingAxes }: Keeping): Tensor {
  const [below, above] = [relu(sub(label, pred)), relu(sub(pred, label))];
  const cost = add(mul(below, LEVEL), mul(above, 1 - LEVEL));
  const axes = cost.shape.map((_, axis) => axis).slice(leadingAxes);
  const count = axes.reduce((product, axis) => product * cost.shape[axis]!, 1);
  return mul(sum(cost, axes), 1 / count);
}

/** The same cost in the labels' own units. */
const pinballLoss: Metric = {
  name: 'pinball loss',
  better: 'lower',
  start() {
    let [total, count] = [0, 0];
    return {
      add(predicted, truth) {
        for (let i = 0; i < predicted.length; i++) {
          const u = truth[i]! - predicted[i]!;
          total += Math.max(LEVEL * u, (LEVEL - 1) * u);
        }
        count += predicted.length;
      },
      value: () => total / count,
    };
  },
};

/** A high quantile instead of the mean: how much it may become, not how much it is on average. */
export const quantile: Task = {
  ...regression,
  name: 'quantile',
  summary: 'the 90 % quantile, by its pinball loss',
  supervised: pinball,
  metrics: [pinballLoss],
};
