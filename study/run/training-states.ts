/** The trainings of one method, a part each: put down at their readings, and taken up where a stopped run has left them. */
import { toExactJson } from '../../base/exact-json.ts';
import type { StageReading } from '../../train/run-training.ts';
import type { CurvePoint } from '../results.ts';
import { notesIn, type SavedStates, type StateNotes } from './saved-states.ts';

/** One training's. */
export interface PartState {
  /** What it goes on from. */
  readonly saved: Uint8Array | undefined;
  /** After a reading. */
  offer(reading: StageReading): Promise<void>;
}

/** @param part Which of the trainings of a method: 'train', or the number of a teacher's network. */
export type PartStates = (part: string) => PartState;

/** What is saved beside a training, and what hears of it when it is taken up. */
export interface PartOwner {
  readonly adapter: string;
  /** Of every seed, those of other parts before them. */
  readonly curves: readonly (readonly CurvePoint[])[];
  doneSteps(): number;
  byKernel(): boolean;
  takeUp(notes: StateNotes): void;
}

/** @param name Of the method's trainings, among those of the run. */
export function partStates(states: SavedStates, name: string, owner: PartOwner): PartStates {
  return (part) => {
    const own = `${name}.${part}`;
    const before = owner.curves.map(({ length }) => length);
    let started = performance.now();
    const found = states.read(own);
    const notes = found && notesIn(found);
    const saved = notes?.adapter === owner.adapter ? found : undefined;
    if (saved) {
      started -= notes!.seconds * 1000;
      owner.takeUp(notes!);
    }
    const notesNow = (): StateNotes => ({
      adapter: owner.adapter,
      curves: owner.curves.map((curve, i) => curve.slice(before[i])),
      seconds: (performance.now() - started) / 1000,
      doneSteps: owner.doneSteps(),
      byKernel: owner.byKernel(),
    });
    return {
      saved,
      offer: ({ save, isLast }) => states.offer(own, () => save(toExactJson(notesNow())), isLast),
    };
  };
}
