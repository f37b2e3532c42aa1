/** What is learnt and how it is judged: what a task says to methods, studies and reports. */
import type { Tensor } from '../engine/tensor.ts';

/** Axes that a loss keeps: 1, that of the seeds, for networks side by side, else 0. */
export interface Keeping {
  readonly leadingAxes: number;
}

/** A number by which networks are judged, over the rows of a test part. */
export interface Metric {
  /** 'rmse', 'angular error': in tables and files. */
  readonly name: string;
  readonly better: 'lower' | 'higher';
  /** Nothing if it has the data's own. */
  readonly unit?: string;
  /** Fed part by part, with `outputs` numbers a row. */
  start(about: { readonly outputs: number }): Score;
}

export interface Score {
  /** Some rows: what was predicted and what is true, in the data's own units. */
  add(predicted: ArrayLike<number>, truth: ArrayLike<number>): void;
  value(): number;
  /** Of every row so far; left out where a row has none of its own. */
  rows?(): Float64Array;
}

export interface Task {
  readonly name: string;
  readonly summary: string;
  /** What a plain network minimises on labels as the network sees them, standardised: scalar or (seeds). */
  supervised(pred: Tensor, label: Tensor, keeping: Keeping): Tensor;
  /** What a student minimises to follow another network, likewise. */
  imitation(pred: Tensor, teacher: Tensor, keeping: Keeping): Tensor;
  /** By which the best weights are chosen, on labels as the network sees them; the lower the better. */
  selection(predicted: ArrayLike<number>, label: ArrayLike<number>): number;
  /** The first one ranks methods and is named in headlines. */
  readonly metrics: readonly [Metric, ...Metric[]];
}

/** All of a metric at once. */
export function measured(
  metric: Metric,
  predicted: ArrayLike<number>,
  truth: ArrayLike<number>,
  outputs: number,
): { value: number; rows: Float64Array | undefined } {
  const score = metric.start({ outputs });
  score.add(predicted, truth);
  return { value: score.value(), rows: score.rows?.() };
}
