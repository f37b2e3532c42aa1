/** The column `teacherVariance` of batches. */
import type { Artifact } from '../artifact.ts';

/** The variance of what several teachers predict; `teacher` is then their mean. */
export const teacherVariance: Artifact<'teacherVariance'> = {
  name: 'teacherVariance',
  needs: 'variance',
  make: (of) => of.teacherVariance!,
};
