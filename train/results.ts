/** What a study is asked for and what it finds: plain data, the shape of config.json and summary.json. */

/** Every default filled in; written as config.json. */
export interface StudyConfig {
  data: 'sinusoid';
  /** Share of contaminated labels, 0 to 1. */
  noise: number;
  /** Size of an outlier: U[-outlierSize, outlierSize] is added to the label. */
  outlierSize: number;
  /** Standard deviation of the Gaussian noise on every label. */
  gaussianNoise: number;
  /** Periods of the sine over [-1, 1] are 2·frequency: f(x) = sin(2π·frequency·x). */
  frequency: number;
  trainRows: number;
  testRows: number;
  methods: string[];
  /** A network: 'mlp:100,100' or 'mlp:100,100:relu'. */
  teacher: string;
  student: string;
  epochs: number;
  teacherEpochs: number;
  batchSize: number;
  learningRate: number;
  teacherLearningRate: number;
  /** How the teacher's predictions on the training set are made. */
  teacherMode: 'plain' | 'early-stopping' | 'out-of-fold';
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
  /** RMSE to the clean function on the test set, in the data's own units. */
  testRmse: number;
}

/** One network trained with one seed; the teacher too (method 'teacher'). */
export interface MethodResult {
  method: string;
  seed: number;
  /** Test RMSE to the clean function of the deployed head, in the data's own units. */
  rmse: number;
  /** For students with two heads: each head's error and that of their mean. */
  heads?: { label: number; teacher: number; mean: number };
  /** Parameters of the deployed network, and its multiply-accumulates for one sample. */
  params: number;
  macs: number;
  /** Of training it, or its share where several seeds were trained side by side. */
  seconds: number;
  /** SHA-256 of the deployed weights as safetensors. */
  weightsSha256: string;
  curve: CurvePoint[];
  /** The fitted curve on a regular grid over the input range, in the data's own units. */
  fit: { x: number[]; y: number[] };
}

/** What one seed contributes: its data, its outlier mask, its networks. */
export interface SeedResult {
  seed: number;
  /** Training points in the data's own units; `outlier` is the truth, `rejected` the mask found. */
  points: { x: number[]; y: number[]; outlier: boolean[]; rejected: boolean[] };
  /** Null where a share has no denominator: nothing rejected, or no true outlier; and before there is a teacher. */
  mask: { precision: number | null; recall: number | null };
  results: MethodResult[];
}

/** A mean over seeds with its Student-t interval; one seed has no interval. */
export interface Interval {
  mean: number;
  ci95: [number, number] | null;
  n: number;
}

/** A line of the final table. */
export interface SummaryRow {
  method: string;
  metric: 'rmse';
  mean: number;
  /** Null with one seed. */
  ci95: [number, number] | null;
  n: number;
  /** In the order of `Summary.seeds`; shorter than it when the study was stopped. */
  perSeed: number[];
  params: number;
  /** Mean time of training one network. */
  seconds: number;
  weightsSha256: string[];
}

/** The object that `--json` prints as the last line of stdout, and summary.json. Names are a contract. */
export interface Summary {
  /** Adapter name, or 'cpu reference (float64)'. */
  adapter: string;
  host: 'node' | 'browser' | 'deno';
  device: 'gpu' | 'cpu';
  math: StudyConfig['math'];
  data: string;
  noise: number;
  seeds: number[];
  rows: SummaryRow[];
  /** Method minus baseline, seed by seed; empty without the baseline `scratch`. */
  paired: PairedRow[];
  /** Over the training points of all seeds together. */
  mask: { precision: number | null; recall: number | null };
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
