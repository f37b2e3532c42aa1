/** The contract between a study, which trains, and whoever watches and stores it. Types only. */

import type { CurvePoint, MethodResult, SeedResult, StudyConfig, Summary } from './results.ts';
import type { SavedStates } from './run/saved-states.ts';
import type { StudyInput } from './study-input.ts';
import type { TeacherCache } from './teachers/teacher-cache.ts';

export type DeviceInfo = Pick<Summary, 'adapter' | 'host' | 'device'>;

/** How much there is to do: networks to train, a teacher that is trained included, and their steps together. */
export interface StudyPlan {
  networks: number;
  steps: number;
}

export interface ProgressEvent {
  /** The first of the seeds that are trained side by side, and the last one if there are several. */
  seed: number;
  lastSeed?: number;
  method: string;
  /** Steps done of a network, and how many it has. */
  step: number;
  steps: number;
  /** The latest known training loss, the seeds' mean; null before the first reading. */
  loss: number | null;
  /** Means over the seeds of what the method tells besides, a number for each of its networks, by name. */
  signals?: Readonly<Record<string, readonly number[]>>;
  /** Steps done of the whole study. */
  doneSteps: number;
}

export interface PointEvent extends CurvePoint {
  seed: number;
  method: string;
}

/** The training labels of a seed: at first without a mask, then with its teacher's. */
export interface LabelsEvent {
  seed: number;
  points: SeedResult['points'];
}

/** What a network fits while it trains. */
export interface FitEvent {
  seed: number;
  method: string;
  step: number;
  fit: MethodResult['fit'];
}

/**
 * What a study calls while it runs. It awaits what returns a promise, and stops with an error that a
 * hook throws. After `signal` aborts it finishes the current step and returns what it has; for the
 * signal to arrive at all, the loop must let the event loop turn (await a macrotask) now and then.
 */
export interface StudyHooks {
  /** Once, as soon as the device is open and before the first step. */
  onDevice(info: DeviceInfo): void;
  onPlan(plan: StudyPlan): void;
  onProgress(event: ProgressEvent): void;
  onPoint(point: PointEvent): void;
  onLabels?(event: LabelsEvent): void;
  /** Beside every point; evaluated only for who listens. */
  onFit?(event: FitEvent): void;
  /**
   * What people should know of how it runs: that fewer seeds than asked for train side by side, and why; or what a method
   * sees go wrong in a training, which `summary.notes` has as well.
   */
  onNote?(text: string): void;
  /** Of every network that was trained. */
  onNetwork(result: MethodResult, weights: Uint8Array): Promise<void>;
  /** With the GPU dispatches of the study so far. */
  onSeed(seed: SeedResult, dispatches: number): Promise<void>;
  signal: AbortSignal;
  /**
   * Asked before every step. The study waits for a promise that it returns and then goes on, with the bits that it would
   * have had; the time is not counted.
   */
  pause?(): Promise<void> | undefined;
  /** Teachers trained before, with which a study has the same numbers sooner; it adds its own. */
  teachers?: TeacherCache | undefined;
  /** Of a run that may have been stopped or killed before: its trainings go on from there, with the bits of one that was not. */
  states?: SavedStates | undefined;
}

export interface StudyOutcome extends DeviceInfo {
  dispatches: number;
  /** Finished seeds; if interrupted, those that were trained last may lack methods. */
  seeds: SeedResult[];
  interrupted: boolean;
}

export type RunStudy = (config: StudyConfig, hooks: StudyHooks, input?: StudyInput) => Promise<StudyOutcome>;
