/** The column `teacher` of batches. */
import type { Artifact } from '../artifact.ts';

/** The teacher's predictions, standardised as the labels are. */
export const teacher: Artifact<'teacher'> = {
  name: 'teacher',
  needs: 'predictions',
  make: (of) => of.teacher,
};
