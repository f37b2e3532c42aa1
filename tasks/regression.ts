/** Numbers: squared errors on standardised labels, judged by the root of their mean in the labels' own units. */
import { scaleOf } from '../datasets/dataset.ts';
import { mse } from '../losses/regression.ts';
import { standardised } from './coding.ts';
import type { Metric, Task } from './task.ts';

/** Root of the mean squared difference, over all outputs together. */
export const rmseMetric: Metric = {
  name: 'rmse',
  better: 'lower',
  start() {
    let [sum, count] = [0, 0];
    return {
      add(predicted, truth) {
        for (let i = 0; i < predicted.length; i++) sum += (predicted[i]! - truth[i]!) ** 2;
        count += predicted.length;
      },
      value: () => Math.sqrt(sum / count),
    };
  },
};

/** Root of the mean squared difference. */
export function rmse(predicted: ArrayLike<number>, truth: ArrayLike<number>): number {
  const score = rmseMetric.start({ outputs: 1 });
  score.add(predicted, truth);
  return score.value();
}

export const regression: Task = {
  name: 'regression',
  summary: 'numbers, by their root mean squared error',
  labels: 'numbers',
  fit: (train, { width }) => standardised(scaleOf(train, width)),
  supervised: (pred, label, keeping) => mse({ pred, label }, {}, keeping),
  imitation: (pred, teacher, keeping) => mse({ pred, label: teacher }, {}, keeping),
  selection: rmse,
  metrics: [rmseMetric],
};
