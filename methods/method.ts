/** What a distillation method is: which heads its student has, and its loss on one batch. */
import type { OptionsOf } from '../base/option.ts';
import type { Tensor } from '../engine/tensor.ts';
import type { Heads } from '../models/heads.ts';
import type { SyntheticContext, SyntheticLoss } from './data-free/synthetic.ts';

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

/** What a loss is told besides the method's own options. */
export interface LossContext {
  /** Axes that a loss keeps, for `defineLoss`'s losses: 1, that of the seeds. */
  readonly leadingAxes: number;
}

/** Blocks of both networks, by name. */
export interface BlockPair {
  readonly teacher: string;
  readonly student: string;
}

/** `O` are the values of its options. */
export interface Method<O extends object = object> {
  readonly name: string;
  /** For the help text: what the student learns from. */
  readonly summary: string;
  /** Those that it reads, by their keys in a configuration. */
  readonly options?: OptionsOf<O>;
  /** Whether it is trained where nobody says which. */
  readonly isUsual?: true;
  readonly hasTwoHeads: boolean;
  /** Whether its loss reads the teacher or the mask; a student that needs none is trained before there is one. */
  readonly needsTeacher: boolean;
  /** Names what a batch must hold besides labels, teacher and mask; nothing if left out. */
  readonly needs?: readonly (keyof BatchExtras)[];
  /** What the second head predicts, the teacher if left out: a variance has no error to report. */
  readonly secondHead?: 'teacher' | 'variance';
  /** Whether features go through a `hintRegressor`, which is trained with the student and then dropped. */
  readonly hasRegressor?: boolean;
  /** With `teacherFeatures`, whose outputs these are: those of the trunks if left out or undefined. */
  blocks?(options: O): BlockPair | undefined;
  /** Of methods without data, in place of `loss`: made once a training. */
  synthetic?(context: SyntheticContext, options: O): SyntheticLoss;
  /** Steps of what that trains first; none if left out. */
  preparationSteps?(options: O): number;
  /** What to minimise, (seeds): for each seed, the loss of its student on its batch. */
  loss(heads: Heads, batch: DistillationBatch, options: O & LossContext): Tensor;
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
