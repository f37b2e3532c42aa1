/** What a study makes once for all methods that ask: a number for each output of the training rows. */
import type { OptionsOf } from '../base/option.ts';

/** What a method cannot do without, of a teacher. */
export type TeacherNeed =
  /** What it predicts for the training rows. */
  | 'predictions'
  /** Its network, to be asked at any point. */
  | 'network'
  /** What the blocks of one network put out. */
  | 'features'
  /** Several networks, whose predictions have a variance. */
  | 'variance'
  /** Checkpoints of its training. */
  | 'route';

/** What artifacts of a seed are made of, row by row, as networks see them: standardised numbers and outputs, or classes and logits. */
export interface SeedMaterial {
  /** Numbers a row that networks put out. */
  readonly outputs: number;
  readonly label: ArrayLike<number>;
  readonly teacher: Float32Array;
  /** Of several teachers' predictions. */
  readonly teacherVariance: Float32Array | undefined;
}

/** `N` is the column's name in batches, `O` are the values of its options. */
export interface Artifact<N extends string = string, O extends object = object> {
  readonly name: N;
  readonly needs: TeacherNeed;
  readonly options?: OptionsOf<O>;
  /** Rows × outputs of one seed. */
  make(of: SeedMaterial, options: O): Float32Array;
}
