/** What is learnt and how it is judged: what a task says to methods, studies and reports. */
import type { Options, Values } from '../base/option.ts';
import type { Tensor } from '../engine/tensor.ts';
import type { Coding, Encoded } from './coding.ts';

/** Axes that a loss keeps: 1, that of the seeds, for networks side by side, else 0. */
export interface Keeping {
  readonly leadingAxes: number;
}

/** A number by which networks are judged, over the rows of a test part. */
export interface Metric {
  /** 'rmse', 'angular error': in tables and files. */
  readonly name: string;
  readonly better: 'lower' | 'higher';
  /** Nothing if it has the data's own. '%' is shown of a share. */
  readonly unit?: string;
  /** Fed part by part, with `outputs` numbers a row that were predicted. */
  start(about: { readonly outputs: number }): Score;
}

export interface Score {
  /** Some rows: what was predicted and what is true, in the data's own units; of classes logits and numbers of classes. */
  add(predicted: ArrayLike<number>, truth: ArrayLike<number>): void;
  value(): number;
  /** Of every row so far; left out where a row has none of its own. */
  rows?(): Float64Array;
}

/** What is known of the labels of a training part. */
export interface LabelFacts {
  /** Numbers a row. */
  readonly width: number;
  /** Of classes: the names, also of those that the part may lack. */
  readonly classes?: readonly string[] | undefined;
}

export interface Task {
  readonly name: string;
  readonly summary: string;
  /** What labels are: methods may be for one kind alone. */
  readonly labels: 'numbers' | 'classes';
  /** What can be set of it; what a study sets `with` gives to its losses. */
  readonly options?: Options;
  with?(values: Values): Task;
  /** How a seed's labels and its networks' outputs go together, from its training labels, row by row. */
  fit(train: ArrayLike<number>, about: LabelFacts): Coding;
  /** What a plain network minimises on labels as its coding has them: scalar or (seeds). */
  supervised(pred: Tensor, label: Tensor, keeping: Keeping): Tensor;
  /** What a student minimises to follow another network's outputs, likewise. */
  imitation(pred: Tensor, teacher: Tensor, keeping: Keeping): Tensor;
  /** By which the best weights are chosen, on outputs and labels as the coding has them; the lower the better. */
  selection(predicted: ArrayLike<number>, label: Encoded): number;
  /** The first one ranks methods and is named in headlines. */
  readonly metrics: readonly [Metric, ...Metric[]];
}

/** All of a metric at once; `outputs` numbers a row were predicted. */
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
