/** What a distillation method is: which heads its student has, and its loss on one batch. */
import type { Tensor } from '../../engine/tensor.ts';
import type { OutlierBranchName } from '../../losses/outlier-branches.ts';

/** What students predicted, (seeds, rows, outputs); `teacherPred` only if they have two heads. */
export interface Heads {
  readonly pred: Tensor;
  readonly teacherPred?: Tensor;
}

/** One batch: labels, the teacher's predictions, and 1 where a label is rejected; (seeds, rows, outputs) each. */
export interface DistillationBatch {
  readonly label: Tensor;
  readonly teacher: Tensor;
  readonly outlier: Tensor;
}

/** The numbers of a study that methods read. */
export interface MethodOptions {
  readonly outlierBranch: OutlierBranchName;
  readonly eps: number;
  readonly teacherWeight: number;
  readonly alpha: number;
  readonly delta: number;
  /** Axes that a loss keeps, for `defineLoss`'s losses: 1, that of the seeds. */
  readonly leadingAxes: number;
}

export interface Method {
  readonly name: string;
  /** For the help text: what the student learns from. */
  readonly summary: string;
  readonly hasTwoHeads: boolean;
  /** Whether its loss reads the teacher or the mask; a student that needs none is trained before there is one. */
  readonly needsTeacher: boolean;
  /** What to minimise, (seeds): for each seed, the loss of its student on its batch. */
  loss(heads: Heads, batch: DistillationBatch, options: MethodOptions): Tensor;
}
