/** States of the trainings of one run: what a run that was stopped or killed goes on from, with the bits it would have had. */
import { fromExactJson } from '../../base/exact-json.ts';
import { decodeSafetensors, SafetensorsError } from '../../engine/files/safetensors.ts';
import type { CurvePoint } from '../results.ts';

/** Wherever they are kept, by name; each is whole or not there. */
export interface SavedStates {
  /** Undefined if there is none. */
  read(name: string): Uint8Array | undefined;
  /**
   * Keeps what `make` gives, in place of what was there; not every time it is asked, so that what this costs is bounded.
   *
   * @param isLast Whether the training has ended, so that there is no later state of it.
   */
  offer(name: string, make: () => Promise<Uint8Array>, isLast: boolean): Promise<void>;
}

/** What a study knows of a training besides the training itself: saved with its state. */
export interface StateNotes {
  /** Another one has other bits. */
  readonly adapter: string;
  /** So far, of every seed. */
  readonly curves: readonly (readonly CurvePoint[])[];
  readonly seconds: number;
  /** Steps done of all that its method trains, seeds together. */
  readonly doneSteps: number;
  readonly byKernel: boolean;
}

/** Undefined of what is no whole state with notes: the training begins anew then. */
export function notesIn(state: Uint8Array): StateNotes | undefined {
  try {
    const { notes } = decodeSafetensors(state).metadata;
    return notes === undefined ? undefined : (fromExactJson(notes) as StateNotes);
  } catch (error) {
    if (error instanceof SafetensorsError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
