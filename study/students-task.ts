/** What the students of a method are trained on, and who is notified. */
import type { Backend } from '../engine/backend.ts';
import type { Tensor } from '../engine/tensor.ts';
import type { NetworkInput, StudyNetworks } from '../models/network.ts';
import type { Route } from '../methods/artifacts/route.ts';
import type { NonFiniteError, Reading } from '../train/run-steps.ts';
import type { PreparedData } from './data/prepared-data.ts';
import type { StudyConfig } from './results.ts';

/** What training tells of itself, and what stops it. */
export interface TrainingHooks {
  onReading(reading: Reading, forward: (input: NetworkInput) => Tensor): Promise<void>;
  /** Of what is trained before the students; its steps are not theirs. */
  onPreparing(reading: Reading): void;
  /** That a kernel does many steps in one dispatch. */
  onKernel?(): void;
  onNonFinite(error: NonFiniteError, index: number): void;
  signal: AbortSignal;
  pause?(): Promise<void> | undefined;
}

export interface StudentsTask {
  config: StudyConfig;
  data: PreparedData;
  /** Undefined for methods that need none, and where there are only its predictions. */
  teacher: StudyNetworks | undefined;
  /** Of what is taught by checkpoints. */
  route: Route | undefined;
  /** Of every seed, a number for each label of the training rows: what the method uses. */
  columns: Readonly<Record<string, readonly Float32Array[]>>;
  backend: Backend;
  hooks: TrainingHooks;
}
