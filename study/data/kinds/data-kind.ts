/** What a kind of data is: how it is asked for, its options, what they are where nobody says, and what it makes. */
import type { Option, Options } from '../../../base/option.ts';
import type { Dataset, RandomSource } from '../../../datasets/dataset.ts';

/** What goes in and what comes out, by name. */
export interface ColumnNames {
  readonly inputs: readonly string[];
  readonly targets: readonly string[];
}

/** One of the library's, or one that comes from outside; `O` are the values of its options. */
export interface DataKindOf<N extends string = string, O extends object = object> {
  readonly name: N;
  /** How it is asked for, in messages: its name, with what it reads after a colon, or a file of any name. */
  readonly words: string;
  /** What is read for it; it makes its own samples if left out. */
  readonly reads?: 'table' | 'pictures' | 'classified';
  /** Images are trained a seed at a time. */
  readonly isOfImages: boolean;
  /** Names of the tasks that can be learnt from it; the first one unless asked for. */
  readonly tasks: readonly [string, ...string[]];
  /** In configurations; other kinds may have the same ones. Who makes samples has `trainRows` and `testRows`. */
  readonly options: Options;
  /** How files are read, which is no part of a configuration. */
  readonly reading?: Options;
  /** Other defaults than those declared, of its own options and of any. */
  readonly defaults?: readonly Overruled[];
  /** Of who makes samples: what goes in and what comes out. */
  readonly columns?: ColumnNames;
  /** What its test labels are, if they are the truth: errors are measured against it. */
  readonly reference?: 'clean function' | 'true gaze';
  /** Over which a fitted curve is drawn, with one input and one output; the range of the samples if left out. */
  readonly range?: readonly [from: number, to: number];
  /** Of who makes samples: those of a seed, in units of their own. The same seed makes the same ones. */
  dataset?(options: O, seed: SeedOf): Dataset | Promise<Dataset>;
}

/** What the samples of a seed are drawn with. */
export interface SeedOf {
  readonly seed: number;
  /** Numbers that the seed and a number of your own determine. */
  readonly random: RandomSource;
}

export interface Overruled {
  readonly option: Option;
  readonly value: unknown;
}

/** A default in place of the one declared. */
export function overrule<V>(option: Option<V>, value: NoInfer<V>): Overruled {
  return { option, value };
}
