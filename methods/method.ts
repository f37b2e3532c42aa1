/** What a method is: how students are trained, in stages. Most are a loss on a batch: see `lossMethod`. */
import type { OptionsOf } from '../base/option.ts';
import type { Task } from '../tasks/task.ts';
import type { Shape } from '../engine/shape.ts';
import type { StagePlan, Training } from '../train/training.ts';
import type { Artifact, TeacherNeed } from './artifact.ts';
import type { Sizes, TrainingContext } from './context.ts';

/** Of one sample that each block of a network puts out, by the block's name, in order. */
export type Shapes = Readonly<Record<string, Shape>>;

export interface CheckedShapes {
  readonly teacher: Shapes;
  readonly student: Shapes;
  readonly peers: readonly Shapes[];
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
  /** Names of the tasks that it is for; all if left out. */
  readonly tasks?: readonly string[];
  /** What labels must be for it, whatever the task: numbers that errors can be taken of, or classes; either if left out. */
  readonly labels?: Task['labels'];
  /** Columns that its batches have, besides `x`, `label` and `extras`. */
  readonly uses?: readonly Artifact[];
  /** What it asks of a teacher besides what those do. */
  readonly needs?: TeacherNeed;
  /** Networks that it trains together, a row of the table each, the first one the student; one if left out. */
  peers?(options: O): number;
  /** Its stages, without a device: by default one, `train`, with the student's steps. Those that `build` returns. */
  plan?(options: O, sizes: Pick<Sizes, 'steps' | 'epochSteps'>): StagePlan[];
  /**
   * Whether teacher and student suit it, and the networks of `--peers`, before anything is trained. `teacher` is empty where
   * none is asked for.
   *
   * @throws UserError that begins with `label`.
   */
  check?(label: string, networks: CheckedShapes, options: O): void;
  /** Made once a training, of all seeds side by side. */
  build(context: TrainingContext, options: O): Training;
}

/** What a method and its columns want of a teacher. */
export function needsOf({ needs, uses = [] }: Pick<Method, 'needs' | 'uses'>): TeacherNeed[] {
  return [...new Set([...(needs ? [needs] : []), ...uses.map((artifact) => artifact.needs)])];
}

/** The stages of a method as it says, or the one that most have. */
export function planOf<O extends object>(
  method: Pick<Method<O>, 'plan'>,
  options: O,
  sizes: Pick<Sizes, 'steps' | 'epochSteps'>,
): StagePlan[] {
  return method.plan?.(options, sizes) ?? [{ name: 'train', steps: sizes.steps }];
}
