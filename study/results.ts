/** What a study is asked for and what it finds: plain data, the shape of config.json and summary.json. */

import type { Ramp } from '../train/ramp.ts';

/** Tables, made or read; and images, likewise. */
export type DataKind = 'sinusoid' | 'table' | ImageKind;

export type ImageKind = 'eyes' | 'mpiigaze' | 'mpiigaze-h5' | 'multipie';

/** Every default filled in; written as config.json. */
export interface StudyConfig {
  data: DataKind;
  /** Of data that are read: what they are called, such as their file or folder; '' for those that are made. */
  file: string;
  /** Of 'table': the columns to predict; none means the last one. Of images: the angles. */
  target: string[];
  /** Of 'table': share of rows that are held out. Each seed has a split of its own. */
  testShare: number;
  /** Of 'table': what is done about missing numbers; see `tableDataset`. */
  missing: 'refuse' | 'drop' | 'mean' | 'median';
  /** Share of the training rows that students see; their teacher sees all. */
  trainFraction: number;
  /** Share of those rows that a student is validated on instead; 0 keeps its last weights. */
  validationShare: number;
  /** Share of contaminated labels, 0 to 1. */
  noise: number;
  /** Size of an outlier: U[-outlierSize, outlierSize] is added to the label, for 'table' times its standard deviation. */
  outlierSize: number;
  /** Standard deviation of the Gaussian noise on every label. */
  gaussianNoise: number;
  /** Periods of the sine over [-1, 1] are 2·frequency: f(x) = sin(2π·frequency·x). */
  frequency: number;
  trainRows: number;
  testRows: number;
  /** Of images: standard deviation of the errors of annotation, degrees in each of two directions. */
  labelError: number;
  /** Of images: width and height that they are made or shrunk to, '30x18'; '' keeps those of the files. */
  size: string;
  /** Of 'eyes': patches of each person. */
  patches: number;
  /** Of images that are read: parts that the persons are dealt to, one of them the test part; 0 leaves one person out. */
  folds: number;
  /** Of images: how training images are changed, anew in every step: pixels, and shares of white. */
  shift: number;
  brightness: number;
  pixelNoise: number;
  methods: string[];
  /**
   * A network: 'mlp:100,100' or 'mlp:100,100:relu'; for images also 'lenet', 'resnet8:0.5', …. The teacher may be one that
   * a study has saved, 'FILE.safetensors', and is '' where columns hold its predictions.
   */
  teacher: string;
  /** Of 'table': the columns that hold a teacher's predictions, one a target; left out where there are none. */
  teacherColumn?: string[];
  student: string;
  epochs: number;
  teacherEpochs: number;
  /** Updates of a student, of a teacher; 0 counts by epochs. */
  steps: number;
  teacherSteps: number;
  batchSize: number;
  learningRate: number;
  teacherLearningRate: number;
  /** How the teacher's predictions on the training set are made. */
  teacherMode: 'plain' | 'early-stopping' | 'out-of-fold' | 'ensemble';
  /** Outlier rule and branch of TOR. */
  rule: 'zscore' | 'mad' | 'quantile' | 'fixed' | 'iterative';
  /** Standard deviations of the rules `zscore`, `mad` and `iterative`. */
  deviations: number;
  /** Share kept by `quantile`. */
  quantile: number;
  /** Threshold of `fixed`, in standard deviations of the labels. */
  threshold: number;
  outlierBranch: 'sqrt' | 'smooth' | 'square' | 'drop';
  /** Rounds off the slope of the outlier branch, in units of the standardised labels. */
  eps: number;
  /** Weight of the teacher head's loss in `tor-dual`. */
  teacherWeight: number;
  /** Of methods with add-ons ('+pm', …): how points are perturbed, and how far in deviations of the inputs. */
  perturbation: 'gaussian' | 'mixup';
  sigma: Ramp;
  /** How input gradients are compared: by differentiating twice, or along random directions. */
  slopes: 'exact' | 'directions';
  /** How points where networks differ are found: by steps uphill from the batch, so many and so long, or by a generator. */
  abm: 'ascent' | 'generator';
  ascentSteps: number;
  ascentSize: number;
  /** Weights of the add-ons. */
  pmWeight: Ramp;
  abmWeight: Ramp;
  gmWeight: Ramp;
  /** Of methods without data: weight of the points that are sought, the rest of 1 being that of normal ones. */
  sought: Ramp;
  /** Of 'direct': steps uphill, and their length in deviations of the inputs. */
  directSteps: number;
  directSize: number;
  /** Of 'generator' and of '+abm' by one: a student's steps for each of the generator's. */
  generatorEvery: number;
  /** Of 'impressions': steps of its network, before the student. */
  impressionSteps: number;
  /** Number of seeds, and the first one. */
  seeds: number;
  seed: number;
  /** Seeds that are trained side by side, as one model; the results are the same. */
  batchSeeds: number;
  /** 'auto', 'cpu', or part of an adapter's name. */
  device: string;
  /** Transcendental functions on the GPU: our own, or the driver's. */
  math: 'portable' | 'native';
}

/** One point of a training curve. */
export interface CurvePoint {
  step: number;
  /** Mean training loss since the last point. */
  loss: number;
  /** RMSE on the test set, in the data's own units: to what `Summary.reference` says. */
  testRmse: number;
  /** Of images: mean angle to the truth over the test set, degrees. */
  testAngularError?: number;
}

/**
 * One network trained with one seed; the teacher too (method 'teacher'). One that was not trained here has no time and no
 * weights, and one that is known by its predictions alone no size: they are null.
 */
export interface MethodResult {
  method: string;
  seed: number;
  /** Test RMSE of the deployed head, in the data's own units, over all targets together. */
  rmse: number;
  /** Of each target. */
  targets: readonly TargetScore[];
  /** Of images: mean angle to the truth over the test set, degrees; and that of every row. */
  angularError?: number;
  angularErrors?: Float64Array;
  /** For students with two heads: each head's error and that of their mean. */
  heads?: { label: number; teacher: number; mean: number };
  /** With a validation share: the step whose weights were kept. */
  bestStep?: number;
  /** Parameters of the deployed network, and its multiply-accumulates for one sample. */
  params: number | null;
  macs: number | null;
  /** Of training it, or its share where several seeds were trained side by side. */
  seconds: number | null;
  /** SHA-256 of the deployed weights as safetensors. */
  weightsSha256: string | null;
  curve: CurvePoint[];
  fit: FittedCurve | TestPredictions;
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

/** Training labels in the data's own units, row by row. */
export interface LabelPoints {
  /** What `x` is: the input, if there is one and one output, else what the teacher predicts for the label. */
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
  /** Angle between label and teacher. */
  residual: number;
  /** By method, the teacher among them. */
  predicted: Readonly<Record<string, readonly number[]>>;
}

/** A line of the final table. */
export interface SummaryRow {
  method: string;
  /** Degrees for angles. */
  metric: 'rmse' | 'angular error';
  mean: number;
  /** Null with one seed. */
  ci95: [number, number] | null;
  n: number;
  /** In the order of `Summary.seeds`; shorter than it when the study was stopped. */
  perSeed: number[];
  /** Mean RMSE where the metric is another. */
  rmse?: number;
  /** With a validation share: the steps whose weights were kept, in the order of `perSeed`. */
  bestSteps?: number[];
  /** Of tables: each target's scores, means over the seeds. */
  targets?: TargetScore[];
  /** Null of a teacher that is known by its predictions alone. */
  params: number | null;
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
  /** Over the training labels of all seeds together: see `SeedResult.mask`; and the share of labels rejected. */
  mask: { precision: number | null; recall: number | null; rejected: number | null };
  /** How labels were rejected, and by what TOR replaced them. */
  outliers: Pick<StudyConfig, 'rule' | 'outlierBranch' | 'eps'>;
  /** WGSL dispatches of the whole study; 0 on the CPU. */
  dispatches: number;
  /** Present when the study was stopped before its end. */
  partial?: true;
}

/** How much lower (negative) or higher a method's error is than the baseline's on the same seeds. */
export interface PairedRow {
  method: string;
  baseline: string;
  meanDifference: number;
  ci95: [number, number] | null;
}
