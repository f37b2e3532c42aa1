/** A training that is put down at a reading and taken up again, in another process, with the bits it would have had. */
import { UserError } from '../base/errors.ts';
import { fromExactJson, toExactJson } from '../base/exact-json.ts';
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
import type { Signals } from './training.ts';

/** What there is to be saved. */
export interface Saveable {
  readonly backend: Backend;
  /** Of all networks: parameters and running statistics. */
  readonly networks: Named;
  readonly players: Players;
  /** What the training has itself. */
  readonly state: Named;
  /** Of each network that is deployed, where there is validation. */
  readonly best: readonly BestWeights[];
  /** Models that have failed, by their place. */
  readonly failures: Map<number, NonFiniteError>;
  readonly stages: readonly StageRecord[];
  readonly heard: Heard;
}

/** Of each network, by 'model/network': its signals so far, or what was said of it. */
export type Heard = Map<string, string | readonly Signals[]>;

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

const [PROGRESS, BEST, FAILURES, STAGES, HEARD] = ['progress', 'best', 'failures', 'stages', 'heard'];

/** @param notes Of the caller: `notes` in the metadata. */
export function saveTraining(training: Saveable, progress: Progress, notes?: string): Promise<Uint8Array> {
  const { best, failures } = training;
  return saveCheckpoint(stateOf(training), {
    [PROGRESS]: JSON.stringify(progress),
    [STAGES]: told(training.stages),
    ...(notes === undefined ? {} : { notes }),
    // Infinity is no JSON.
    [BEST]: JSON.stringify(best.map(({ errors, steps }) => [errors.map(String), steps])),
    [HEARD]: toExactJson([...training.heard]),
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
  const found = JSON.parse(metadata[BEST]!) as [string[], number[]][];
  for (const [k, each] of best.entries()) {
    const [errors, steps] = found[k]!;
    each.errors.splice(0, errors.length, ...errors.map(Number));
    each.steps.splice(0, steps.length, ...steps);
  }
  for (const [index, step] of JSON.parse(metadata[FAILURES]!) as [number, number][])
    failures.set(index, new NonFiniteError(step, names[index]!));
  for (const [place, own] of fromExactJson(metadata[HEARD]!) as [string, string | Signals[]][])
    training.heard.set(place, own);
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
    parameters: {
      ...{ ...networks, ...named('state', state) },
      ...Object.assign({}, ...best.map(({ copies }, k) => named(`best${k}`, copies))),
    },
    players: Object.fromEntries(players.all.map((each, i) => [String(i), each])),
    step: backend.step,
  };
}
