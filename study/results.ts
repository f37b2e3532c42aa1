/** What a study is asked for and what it finds: plain data, the shape of config.json and summary.json. */

import type { Aggregation } from '../base/aggregation.ts';
import type { StageHardness } from '../train/training.ts';
import type { LeftOut } from '../datasets/table-dataset.ts';
import type { DataKind } from './data/kinds/all.ts';
import type { OptionValues } from './options/owners.ts';

/** Every default filled in; written as config.json. What it holds is what the options' owners declare. */
export interface StudyConfig extends OptionValues {
  data: DataKind;
  /** Of data that are read: what they are called, such as their file or folder; '' for those that are made. */
  file: string;
}

/** One point of a training curve. */
export interface CurvePoint {
  step: number;
  /** Mean training loss since the last point. */
  loss: number;
  /** RMSE on the test set, in the data's own units: to what `Summary.reference` says; of labels that are numbers. */
  testRmse?: number;
  /** Of classes: share of the test set that is wrong. */
  testError?: number;
  /** Of images: mean angle to the truth over the test set, degrees. */
  testAngularError?: number;
  /** What else the method tells of the network, by name: means since the last point. */
  signals?: Readonly<Record<string, number>>;
}

/**
 * One network trained with one seed; the teacher too (method 'teacher'), and each of several that train together (method
 * 'dml/1', 'dml/2'). One that was not trained here has no time and no
 * weights, and one that is known by its predictions alone no size: they are null.
 */
export interface MethodResult {
  method: string;
  seed: number;
  /** By every metric of the task, by its name. */
  scores: Readonly<Record<string, number>>;
  /** Test RMSE of the deployed head, in the data's own units, over all targets together; of labels that are numbers. */
  rmse?: number;
  /** Of each target; none where labels are classes. */
  targets: readonly TargetScore[];
  /** Of images: mean angle to the truth over the test set, degrees; and that of every row. */
  angularError?: number;
  angularErrors?: Float64Array;
  /** For students with several heads that predict: each head's error, by its name, and that of their mean. */
  heads?: Readonly<Record<string, number>>;
  /** With a validation share: the step whose weights were kept. */
  bestStep?: number;
  /** And its error on those rows, by what the task chooses weights by: of numbers the RMSE, standardised. */
  validationError?: number;
  /** What the method found out of the network besides, before and after its training. */
  findings?: Readonly<Record<'before' | 'after', Readonly<Record<string, number>>>>;
  /** What went wrong in its training, as its method saw it. */
  note?: string;
  /** The mixtures of the teacher's layers that it found. */
  aggregation?: Aggregation;
  /** Of a training in several stages: their names, and the student's steps before each. */
  stages?: readonly { readonly name: string; readonly from: number }[] | undefined;
  /** Where stages learn from checkpoints of the teacher: how hard each was. */
  hardness?: readonly StageHardness[];
  /** Of students that a teacher teaches: their imitation loss to it in the end, over the rows that they learn from. */
  imitationLoss?: number;
  /** Parameters of the deployed network, and its multiply-accumulates for one sample. */
  params: number | null;
  macs: number | null;
  /** Of training it, or its share where several seeds were trained side by side. */
  seconds: number | null;
  /** Whether a kernel did many of its steps in one dispatch (docs/small-networks.md). */
  byKernel?: boolean;
  /** SHA-256 of the deployed weights as safetensors. */
  weightsSha256: string | null;
  curve: CurvePoint[];
  fit: FittedCurve | TestPredictions | ClassCounts;
}

/** Errors of one target over the test set, in its own units. */
export interface TargetScore {
  rmse: number;
  /** Mean absolute error. */
  mae: number;
  /** 1 - Σ(predicted - label)² / Σ(label - mean label)²; null where all labels are equal. */
  r2: number | null;
}

/** With one input and one output: the curve on a regular grid over the input range, in the data's own units. */
export interface FittedCurve {
  kind: 'curve';
  x: number[];
  y: number[];
}

/** Otherwise: labels of the first test rows (at most 500) and predictions for them, row by row, in their own units. */
export interface TestPredictions {
  kind: 'predictions';
  label: number[];
  predicted: number[];
}

/** Of classes: how often one was taken for another. */
export interface ClassCounts {
  kind: 'classes';
  classes: readonly string[];
  /** Test rows by their class and, within that, by the one predicted, row after row. */
  counts: number[];
}

/** Training labels in the data's own units, row by row. */
export interface LabelPoints {
  /** What `x` is: the input, if there is one and one output, else what the teacher predicts for the label; empty of classes. */
  against: 'input' | 'teacher';
  x: number[];
  y: number[];
  /** The truth; null where nobody knows it. */
  outlier: boolean[] | null;
  /** The mask found; empty before there is a teacher. */
  rejected: boolean[];
}

/** What one seed contributes: its data, its outlier mask, its networks. */
export interface SeedResult {
  seed: number;
  points: LabelPoints;
  /**
   * Null where the truth is not known, where there is no teacher yet, or where a share has no denominator: nothing
   * rejected, or no true outlier.
   */
  mask: { precision: number | null; recall: number | null };
  results: MethodResult[];
  /** Of images. */
  images?: ImageFindings;
}

/** Whom the test rows show, and pictures to look at. Angles in degrees, in the order of `StudyConfig.target`. */
export interface ImageFindings {
  width: number;
  height: number;
  people: readonly string[];
  /** Of every test row: a place in `people`, and the truth, rows × targets. */
  test: { person: readonly number[]; truth: readonly number[] };
  shown: readonly ShownImage[];
}

export interface ShownImage {
  part: 'train' | 'test';
  person: string;
  /** Greys, row by row. */
  pixels: Uint8Array;
  /** Null where nobody knows it. */
  truth: readonly number[] | null;
  label: readonly number[];
  isRejected: boolean;
  /** Angle between label and teacher; null where there is no teacher. */
  residual: number | null;
  /** By method, the teacher among them. */
  predicted: Readonly<Record<string, readonly number[]>>;
}

/** A line of the final table. */
export interface SummaryRow {
  method: string;
  /** The first of the task's metrics; degrees for angles, a share for classes. */
  metric: string;
  mean: number;
  /** Null with one seed. */
  ci95: [number, number] | null;
  n: number;
  /** In the order of `Summary.seeds`; shorter than it when the study was stopped. */
  perSeed: number[];
  /** Of students that a teacher teaches: their imitation loss to it in the end, over the rows that they learn from. */
  imitationLoss?: { mean: number; ci95: [number, number] | null; perSeed: number[] };
  /** Of stages that learn from checkpoints of the teacher: how hard those were, means over the seeds. */
  hardness?: readonly StageHardness[];
  /** Mean RMSE where the metric is another. */
  rmse?: number;
  /** Of classes: the mean of every metric of the task, by its name. */
  scores?: Record<string, number>;
  /** With a validation share: the steps whose weights were kept, in the order of `perSeed`. */
  bestSteps?: number[];
  /** What the method found out of its networks, seed by seed in the order of `perSeed`, by name. */
  findings?: Readonly<Record<'before' | 'after', Readonly<Record<string, readonly number[]>>>>;
  /** Of tables: each target's scores, means over the seeds. */
  targets?: TargetScore[];
  /** Null of a teacher that is known by its predictions alone. */
  params: number | null;
  /** Present where a kernel did many of its steps in one dispatch (docs/small-networks.md). */
  byKernel?: true;
  /** Mean time of training one network; null of a teacher that was not trained here. */
  seconds: number | null;
  /** Of a teacher that was not trained here none. */
  weightsSha256: string[];
}

/** The object that `--json` prints as the last line of stdout, and summary.json. Names are a contract. */
export interface Summary {
  /** Adapter name, or 'cpu reference (float64)'. */
  adapter: string;
  host: 'node' | 'browser' | 'deno';
  device: 'gpu' | 'cpu';
  math: StudyConfig['math'];
  /** Which numbers the version that trained computes: weights of different ones differ in their bits. */
  numerics: number;
  /** 'sinusoid', or what the table is called. */
  data: string;
  /** The columns of a table that are predicted. */
  target?: string[];
  /** What errors are measured against. Held-out labels may be noisy themselves. */
  reference: 'clean function' | 'true gaze' | 'held-out labels';
  noise: number;
  /** Share of their rows that students were validated on, if any. */
  validationShare?: number;
  /** Of images: degrees of the errors put into training labels. */
  labelError?: number;
  seeds: number[];
  rows: SummaryRow[];
  /** Method minus baseline, seed by seed; empty without the baseline `scratch`. */
  paired: PairedRow[];
  /** Methods with an add-on minus those that are its controls, where both were trained; left out where there are none. */
  controls?: ControlRow[];
  /** Over the training labels of all seeds together: see `SeedResult.mask`; and the share of labels rejected. */
  mask: { precision: number | null; recall: number | null; rejected: number | null };
  /** How labels were rejected, and by what TOR replaced them. */
  outliers: Pick<StudyConfig, 'rule' | 'outlierBranch' | 'eps'>;
  /** WGSL dispatches of the whole study; 0 on the CPU. */
  dispatches: number;
  /** Rows of the table that have no part in the study, for what is missing in them; left out where there are none. */
  leftOut?: LeftOut;
  /** What methods saw go wrong in a training; left out where there is nothing. */
  notes?: string[];
  /** Present when the study was stopped before its end. */
  partial?: true;
}

/** A method minus one that differs from it in an add-on alone, seed by seed. */
export interface ControlRow {
  method: string;
  control: string;
  /** In what methods are ranked by. */
  error: Difference;
  /** In the imitation loss to the teacher over the rows that students learn from. */
  imitationLoss: Difference;
}

export type Difference = Pick<PairedRow, 'meanDifference' | 'ci95'>;

/** How much lower (negative) or higher a method's error is than the baseline's on the same seeds. */
export interface PairedRow {
  method: string;
  baseline: string;
  meanDifference: number;
  ci95: [number, number] | null;
}
