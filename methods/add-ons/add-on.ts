/** What an add-on of a method is: it matches teacher and student at synthetic points, beside the method's own loss. */
import type { Condition, OptionsOf } from '../../base/option.ts';
import type { MatchOptions, Weight } from '../../losses/matching/match-networks.ts';
import type { Ramp } from '../../train/ramp.ts';
import type { Adversary, AdversaryOptions } from '../data-free/adversary.ts';

/** `O` are the values of its options. */
export interface AddOnOf<N extends string = string, O extends object = object> {
  /** What follows the plus sign. */
  readonly name: N;
  /** For the help text. */
  readonly summary: string;
  readonly options: OptionsOf<O>;
  /** What it asks of options that others have, too, to read them. */
  readonly reads?: Readonly<Partial<Record<keyof O, Condition>>>;
  /** Its part in matching; `at` makes a weight of a number that may change over the training. */
  matching(options: O, at: (number: Ramp) => Weight): MatchOptions;
  /** A network that is trained beside the students and makes its points, in place of what `matching` says of them. */
  rival?(options: O, context: Omit<AdversaryOptions, 'every'>): Adversary | undefined;
}
