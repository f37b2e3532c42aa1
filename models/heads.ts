/** The heads of a student, by name. */
import type { Tensor } from '../engine/tensor.ts';

/** What students predicted, (seeds, rows, outputs); `teacherPred`, the second head, only if they have two. */
export interface Heads {
  readonly pred: Tensor;
  readonly teacherPred?: Tensor;
  /** What the trunk computes, (seeds, rows, features), or what a regressor makes of it. */
  readonly features?: Tensor;
}
