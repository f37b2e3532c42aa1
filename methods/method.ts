/** What a distillation method is: which heads its student has, and its loss on one batch. */
import type { Tensor } from '../engine/tensor.ts';
import type { Heads } from '../models/heads.ts';
import type { SyntheticContext, SyntheticLoss } from './synthetic.ts';
import type { OutlierBranchName } from '../losses/outlier-branches.ts';

/** What some methods need of a batch besides; computed once over the training set, as the mask is. */
export interface BatchExtras {
  /** `imitationAttention`, (seeds, rows, outputs). */
  readonly attention?: Tensor;
  /** What the teacher's trunk computes for the batch, (seeds, rows, its features). */
  readonly teacherFeatures?: Tensor;
  /** Of `ensembleMoments`, (seeds, rows, outputs); `teacher` is then its mean. */
  readonly teacherVariance?: Tensor;
}

/** One batch: labels, the teacher's predictions, and 1 where a label is rejected; (seeds, rows, outputs) each. */
export interface DistillationBatch extends BatchExtras {
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
  /** Of `hint`'s features against its predictions, 1 unless given. */
  readonly hintWeight?: number;
  /** Of `rkd`'s distances and angles against its predictions, 1 and 2 unless given. */
  readonly distanceWeight?: number;
  readonly angleWeight?: number;
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
  /** Names what a batch must hold besides labels, teacher and mask; nothing if left out. */
  readonly needs?: readonly (keyof BatchExtras)[];
  /** What the second head predicts, the teacher if left out: a variance has no error to report. */
  readonly secondHead?: 'teacher' | 'variance';
  /** Whether features go through a `hintRegressor`, which is trained with the student and then dropped. */
  readonly hasRegressor?: boolean;
  /** Of methods without data, in place of `loss`: made once a training. */
  readonly synthetic?: (context: SyntheticContext) => SyntheticLoss;
  /** Whether that trains something of its own first, for `impressionSteps` of the study. */
  readonly isPrepared?: boolean;
  /** What to minimise, (seeds): for each seed, the loss of its student on its batch. */
  loss(heads: Heads, batch: DistillationBatch, options: MethodOptions): Tensor;
}

/** What a method cannot do without. @throws naming method and tensor where the study has not provided it. */
export function needed<K extends string>(
  { name }: Method,
  given: Readonly<Partial<Record<NoInfer<K>, Tensor>>>,
  key: K,
): Tensor {
  const x = given[key];
  if (!x) throw new Error(`${name}: '${key}' is missing; the study must provide it`);
  return x;
}
