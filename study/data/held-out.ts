/** Training rows that a network of a teacher does not learn from. Groups of a table are held out whole. */
import type { Dataset, Samples } from '../../datasets/dataset.ts';
import { groupSplit, type UniformSource } from '../../datasets/row-splits.ts';
import { subjectFolds } from '../../datasets/splits.ts';
import { UserError } from '../../base/errors.ts';
import type { StudyConfig } from '../results.ts';

/** Networks of the mode `out-of-fold`. */
export const FOLDS = 5;
/** Share of the training rows that early stopping holds out. */
export const VALIDATION_SHARE = 0.2;

type TeacherMode = StudyConfig['teacherMode'];

export interface HeldOutOptions {
  readonly mode: TeacherMode;
  /** All training rows, shuffled. */
  readonly order: Uint32Array;
  /** Draws groups. */
  readonly random: UniformSource;
}

/** The rows for each network of a seed's teacher; no list in modes in which all learn from all rows. */
export function heldOut({ groups }: Samples, { mode, order, random }: HeldOutOptions): Uint32Array[] {
  switch (mode) {
    case 'early-stopping':
      return groups
        ? [groupSplit(groups, { random, testShare: VALIDATION_SHARE }).test]
        : [order.subarray(0, Math.floor(order.length * VALIDATION_SHARE))];
    case 'out-of-fold':
      return groups
        ? groupFolds(groups)
        : Array.from({ length: FOLDS }, (_, k) => order.filter((__, i) => i % FOLDS === k));
    default:
      return [];
  }
}

/** @throws UserError if a seed's training part has too few groups for a mode. */
export function checkGroups({ seed, dataset }: { seed: number; dataset: Dataset }, mode: TeacherMode): void {
  const { groups } = dataset.train;
  const wanted = { plain: 0, ensemble: 0, 'early-stopping': 2, 'out-of-fold': FOLDS }[mode];
  const count = new Set(groups).size;
  if (groups && count < wanted)
    throw new UserError(
      `seed ${seed}: --teacher-mode ${mode} holds out whole groups and wants ${wanted}, but the training part has ${count}; ` +
        'choose plain, or another --group',
    );
}

/** About equally large; the same rows give the same folds. */
function groupFolds(groups: readonly string[]): Uint32Array[] {
  const places = new Map([...new Set(groups)].map((name, place) => [name, place]));
  const subjects = groups.map((name) => places.get(name)!);
  return subjectFolds(subjects, { folds: FOLDS }).map(({ test }) => test);
}
