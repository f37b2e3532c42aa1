/** What is measured, as plain data that can be sent to another process, and what a competitor must do with it. */

export type ConvPass = 'forward' | 'inputGradient' | 'weightGradient';

/** One pass of a square convolution with stride 1 and no padding. */
export interface ConvWork {
  readonly kind: 'conv';
  readonly pass: ConvPass;
  readonly batch: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly outputs: number;
  readonly kernel: number;
}

/** (m, k) by (k, n). */
export interface MatmulWork {
  readonly kind: 'matmul';
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** Kernels of ours that no peer is asked for, by the name of a family and the title of a case in it. */
export interface CaseWork {
  readonly kind: 'case';
  readonly family: 'limits' | 'kernels';
  readonly title: string;
  /** Of the small shapes. */
  readonly quick: boolean;
}

/** One step of Adam on a batch that lies in the adapter's memory. */
export interface TrainingWork {
  readonly kind: 'training';
  readonly network: 'mlp' | 'dual' | 'lenet' | 'resnet';
  readonly batch: number;
  /** Hidden widths of a perceptron; of a network for images the factor of its channels. */
  readonly widths: readonly number[];
  /** Whether the loss of every step is read before the next begins, or none before the wait. */
  readonly readsEach: boolean;
  /** Whether a step draws its batch from a data set in the adapter's memory, as `train` does. */
  readonly gathers: boolean;
}

/** A step of many dual-head students that differ in their seed. */
export interface SeedsWork {
  readonly kind: 'seeds';
  readonly seeds: number;
  readonly batch: number;
  readonly widths: readonly number[];
}

/** Every kind of work; a suite adds its own. */
export type Work = ConvWork | MatmulWork | CaseWork | TrainingWork | SeedsWork;

export type Clock = 'gpu' | 'host';

/** What one execution costs besides time. */
export interface Counts {
  readonly dispatches: number;
  readonly submits?: number;
  /**
   * Milliseconds of JavaScript until the commands are handed over: the queue is empty before, and nobody waits. The least
   * of several times, because the threads of a software adapter take the processor as soon as they have work.
   */
  readonly encodeMs?: number;
  /** Whose clock times it: the adapter's, or ours around everything. */
  readonly clock?: Clock;
  /** Floating-point operations and least traffic of memory, where only the competitor knows. */
  readonly flops?: number;
  readonly bytes?: number;
}

/** A work made ready: its operands are in the adapter's memory. */
export interface Job {
  /** Hands one execution to the queue; waits for nothing unless that is the work. Results of earlier ones may go. */
  run(): void | Promise<void>;
  /** Resolves when the queue is empty. */
  wait(): Promise<void>;
  /** The numbers of the last execution, in the layout that the suite names. */
  result(): Promise<Float32Array>;
  close(): void;
  /** Milliseconds of `runs` executions by the adapter's own clock; without it they and the wait are timed outside. */
  gpuTime?(runs: number): Promise<number>;
  /** Only after some executions: the first few of them may do more. */
  counts?(): Promise<Counts>;
}

/** A module that can be measured exports `open(variant): Promise<Competitor>`. */
export interface Competitor {
  /** With its version: 'tfjs webgpu 4.22.0'. */
  readonly name: string;
  /** As `adapterName` puts it; all competitors must have the same. Left out by one that does without WebGPU. */
  readonly adapter?: string;
  prepare(work: Work): Promise<Job>;
  /** Gives its device back, where it does not end with its process. */
  close?(): void;
}
