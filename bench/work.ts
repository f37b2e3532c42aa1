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

/** Every kind of work; a suite adds its own. */
export type Work = ConvWork;

/** A work made ready: its operands are in the adapter's memory. */
export interface Job {
  /** Hands one execution to the queue and does not wait; results of earlier ones may go. */
  run(): void;
  /** Resolves when the queue is empty. */
  wait(): Promise<void>;
  /** The numbers of the last execution, in the layout that the suite names. */
  result(): Promise<Float32Array>;
  close(): void;
}

/** A module that can be measured exports `open(): Promise<Competitor>`. */
export interface Competitor {
  /** With its version: 'tfjs webgpu 4.22.0'. */
  readonly name: string;
  /** As `adapterName` puts it; all competitors must have the same. */
  readonly adapter: string;
  prepare(work: Work): Promise<Job>;
}
