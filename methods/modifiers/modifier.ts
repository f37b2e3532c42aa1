/**
 * What follows a method's name after a plus sign. Either teacher and student are matched at further points, beside the
 * method's own loss; or it says in which stages the student learns, and from whom.
 */
import { type Condition, type OptionsOf, type Values, valuesFor } from '../../base/option.ts';
import type { Tensor } from '../../engine/tensor.ts';
import type { Pair } from '../../losses/matching/ascend.ts';
import type { MatchOptions, Weight } from '../../losses/matching/match-networks.ts';
import type { Ramp } from '../../train/ramp.ts';
import type { StagePlan, Training } from '../../train/training.ts';
import type { TeacherNeed } from '../artifact.ts';
import type { Sizes, TrainingContext } from '../context.ts';
import type { Base } from './learner.ts';

/** A network that is trained beside the students and makes points for them. */
export interface PointMaker {
  /** Of training steps, as `Stage.phaseOf`: those in which it learns and those in which it does not. */
  phaseOf(done: number): string;
  /** Points of this step, (seeds, rows, inputs), without a gradient. In a step with an update, those that it learns at. */
  points(pair: Pair, step: { readonly rows: number; readonly phase: string }): Tensor;
}

/** `O` are the values of its options. */
export interface ModifierOf<N extends string = string, O extends object = object> {
  /** What follows the plus sign. */
  readonly name: N;
  /** For the help text. */
  readonly summary: string;
  readonly options: OptionsOf<O>;
  /** What it asks of options that others have, too, to read them. */
  readonly reads?: Readonly<Partial<Record<keyof O, Condition>>>;
  /** Names of the tasks that it is for; all if left out. */
  readonly tasks?: readonly string[];
  /** What it asks of a teacher, besides what the method does. */
  readonly needs?: TeacherNeed;
  /** It is for methods that ask something of a teacher. */
  readonly isTaught?: true;
  /** Names of add-ons, '' for none, that its method has in its place where the two are compared in a summary. */
  readonly comparedWith?: readonly string[];
  /** Its part in matching; `at` makes a weight of a number that may change over the training. */
  matching?(options: O, at: (number: Ramp) => Weight): MatchOptions;
  /** What makes its points, in place of what `matching` says of them; made once a training. */
  pointMaker?(options: O, context: TrainingContext): PointMaker | undefined;
  /** The stages that it makes of the method's only one, without a device. */
  plan?(options: O, sizes: Pick<Sizes, 'steps' | 'epochSteps'>): StagePlan[];
  /** Those stages: from whom the student learns in each, and by which optimiser. No method has two such add-ons. */
  stages?(base: Base, context: TrainingContext, options: O): Training;
}

export type Modifier = ModifierOf;

/** How points are made, what is compared there, with which weight. */
export function matchingOf(
  modifiers: readonly Modifier[],
  context: Pick<TrainingContext, 'schedule'>,
  values: Values,
): MatchOptions {
  const each = modifiers.map(({ options, matching }) =>
    matching?.(valuesFor(options, values), (number) => context.schedule(number)),
  );
  return Object.assign({}, ...each) as MatchOptions;
}

/** That of the modifier that has one. */
export function pointMakerOf(
  modifiers: readonly Modifier[],
  context: TrainingContext,
  values: Values,
): PointMaker | undefined {
  for (const { options, pointMaker } of modifiers) {
    const made = pointMaker?.(valuesFor(options, values), context);
    if (made) return made;
  }
  return undefined;
}
