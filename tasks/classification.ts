/** Classes: cross-entropy to labels, a divergence at a temperature to a teacher, judged by the share that is wrong. */
import { accuracy, calibrationError, crossEntropyOf, type Tally, topK } from '../base/class-metrics.ts';
import { number } from '../base/option.ts';
import { crossEntropy, klDivergence } from '../losses/classification.ts';
import { classified } from './coding.ts';
import type { Metric, Task } from './task.ts';

/** By which logits of both are divided before a student is compared with a teacher. */
export const kdTemperature = number({
  name: 'kd-temperature',
  elsewhere: ['temperature', 'tau'],
  group: 'training',
  min: 0,
  isAbove: true,
  default: 4,
  help: 'by which logits are divided where a student follows a teacher: above 1 wrong classes count more',
});

/** What can be set of it. */
export const classificationOptions = { kdTemperature };

function metricOf(
  { name, better, unit }: Pick<Metric, 'name' | 'better' | 'unit'>,
  tally: (classes: number) => Tally,
): Metric {
  return { name, better, ...(unit ? { unit } : {}), start: ({ outputs }) => tally(outputs) };
}

/** Share of rows whose class is not the one with the largest logit. */
export const classError = metricOf({ name: 'error', better: 'lower', unit: '%' }, (classes) => {
  const right = accuracy(classes);
  return { ...right, value: () => 1 - right.value() };
});

const metrics: readonly [Metric, ...Metric[]] = [
  classError,
  metricOf({ name: 'accuracy', better: 'higher', unit: '%' }, accuracy),
  metricOf({ name: 'top-5 accuracy', better: 'higher', unit: '%' }, (classes) => topK(classes, 5)),
  metricOf({ name: 'cross-entropy', better: 'lower' }, crossEntropyOf),
  metricOf({ name: 'calibration error', better: 'lower', unit: '%' }, (classes) => calibrationError(classes)),
];

function classificationAt(temperature: number): Task {
  return {
    name: 'classification',
    summary: 'classes, by the share that is wrong',
    labels: 'classes',
    options: classificationOptions,
    with: (values) => classificationAt(values.kdTemperature as number),
    fit(_, { classes }) {
      if (!classes) throw new Error('classification: the data name no classes');
      return classified(classes);
    },
    supervised: (logits, label, keeping) => crossEntropy({ logits, label }, {}, keeping),
    imitation: (logits, teacher, keeping) => klDivergence({ logits, teacher }, { temperature }, keeping),
    selection(predicted, label) {
      const score = classError.start({ outputs: predicted.length / label.length });
      score.add(predicted, label);
      return score.value();
    },
    metrics,
  };
}

export const classification: Task = classificationAt(kdTemperature.default!);
