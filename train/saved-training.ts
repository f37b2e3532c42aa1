/** A training that is put down at a reading and taken up again, in another process, with the bits it would have had. */
import { UserError } from '../base/errors.ts';
import type { Backend } from '../engine/backend.ts';
import {
  CheckpointError,
  loadCheckpoint,
  saveCheckpoint,
  type TrainingState,
} from '../engine/files/checkpoint.ts';
import { decodeSafetensors, SafetensorsError } from '../engine/files/safetensors.ts';
import type { Named } from '../models/parameters.ts';
import type { BestWeights } from './best-weights.ts';
import type { Players } from './players.ts';
import { NonFiniteError } from './run-steps.ts';

/** What there is to be saved. */
export interface Saveable {
  readonly backend: Backend;
  /** Of all networks: parameters and running statistics. */
  readonly networks: Named;
  readonly players: Players;
  /** What the training has itself. */
  readonly state: Named;
  readonly best: BestWeights | undefined;
  /** Models that have failed, by their place. */
  readonly failures: Map<number, NonFiniteError>;
  readonly stages: readonly StageRecord[];
}

/** How far a training has come: its stage, steps of that stage, and the backend's step. */
export interface StageRecord {
  readonly name: string;
  readonly steps: number;
}

export interface Progress {
  readonly stage: number;
  readonly done: number;
  readonly step: number;
}

const [PROGRESS, BEST, FAILURES, STAGES] = ['progress', 'best', 'failures', 'stages'];

/** @param notes Of the caller: `notes` in the metadata. */
export function saveTraining(training: Saveable, progress: Progress, notes?: string): Promise<Uint8Array> {
  const { best, failures } = training;
  return saveCheckpoint(stateOf(training), {
    [PROGRESS]: JSON.stringify(progress),
    [STAGES]: told(training.stages),
    ...(notes === undefined ? {} : { notes }),
    // Infinity is no JSON.
    ...(best ? { [BEST]: JSON.stringify([best.errors.map(String), best.steps]) } : {}),
    [FAILURES]: JSON.stringify([...failures].map(([index, { step }]) => [index, step])),
  });
}

/**
 * Fills networks, players and best weights.
 *
 * @param names Of the models, for messages.
 * @throws UserError if the state is damaged or of another training; nothing is changed then.
 */
export function loadTraining(bytes: Uint8Array, training: Saveable, names: readonly string[]): Progress {
  const label = names[0]!;
  const saved = stagesIn(bytes, label);
  if (saved !== told(training.stages))
    throw new UserError(
      `${label}: the saved state is not of this training: its stages are ${saved ?? 'unknown'}, not ${told(training.stages)}`,
    );
  let metadata: Record<string, string>;
  try {
    metadata = loadCheckpoint(stateOf(training), bytes);
  } catch (error) {
    if (!(error instanceof CheckpointError || error instanceof SafetensorsError)) throw error;
    throw new UserError(`${label}: the saved state is not of this training: ${error.message}`, {
      cause: error,
    });
  }
  const { best, failures } = training;
  if (best && metadata[BEST]) {
    const [errors, steps] = JSON.parse(metadata[BEST]) as [string[], number[]];
    best.errors.splice(0, errors.length, ...errors.map(Number));
    best.steps.splice(0, steps.length, ...steps);
  }
  for (const [index, step] of JSON.parse(metadata[FAILURES]!) as [number, number][])
    failures.set(index, new NonFiniteError(step, names[index]!));
  return JSON.parse(metadata[PROGRESS]!) as Progress;
}

function told(stages: readonly StageRecord[]): string {
  return JSON.stringify(stages.map(({ name, steps }) => [name, steps]));
}

/** Read before anything is filled. */
function stagesIn(bytes: Uint8Array, label: string): string | undefined {
  try {
    return decodeSafetensors(bytes).metadata[STAGES];
  } catch (error) {
    if (!(error instanceof SafetensorsError)) throw error;
    throw new UserError(`${label}: the saved state is not of this training: ${error.message}`, {
      cause: error,
    });
  }
}

function stateOf({ backend, networks, players, state, best }: Saveable): TrainingState {
  const named = (prefix: string, of: Named = {}) =>
    Object.fromEntries(Object.entries(of).map(([name, x]) => [`${prefix}.${name}`, x] as const));
  return {
    parameters: { ...networks, ...named('state', state), ...named('best', best?.copies) },
    players: Object.fromEntries(players.all.map((each, i) => [String(i), each])),
    step: backend.step,
  };
}
