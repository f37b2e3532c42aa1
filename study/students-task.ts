/** What the students of a method are trained on, and who is notified. */
import type { Found } from '../base/aggregation.ts';
import type { Backend } from '../engine/backend.ts';
import type { Tensor } from '../engine/tensor.ts';
import type { NetworkInput, StudyNetworks } from '../models/network.ts';
import type { Route } from '../methods/artifacts/route.ts';
import type { NonFiniteError } from '../train/run-steps.ts';
import type { StageReading } from '../train/run-training.ts';
import type { PreparedData } from './data/prepared-data.ts';
import type { StudyConfig } from './results.ts';
import type { PartStates } from './run/training-states.ts';

/** What training tells of itself, and what stops it. */
export interface TrainingHooks {
  /** `network` is which of several that train together: each is told of. */
  onReading(reading: StageReading, forward: (input: NetworkInput) => Tensor, network?: number): Promise<void>;
  /** What goes wrong in a training, of which seed and network. */
  onNote?(text: string, index: number, network: number): void;
  /** Of what is trained before the students; its steps are not theirs. */
  onPreparing(reading: StageReading): void;
  /** That a kernel does many steps in one dispatch. */
  onKernel?(): void;
  onNonFinite(error: NonFiniteError, index: number): void;
  /** Where trainings are put down and taken up; nowhere if left out. */
  readonly states?: PartStates | undefined;
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
  /** What an earlier study found, if one is given. */
  aggregation?: Found | undefined;
  backend: Backend;
  hooks: TrainingHooks;
}
