/** What a kind of data is: how it is asked for, its options, and what they are where nobody says. */
import type { TaskName } from '../../../tasks/all.ts';
import type { Option, Options } from '../../../base/option.ts';

export interface DataKindOf<N extends string = string> {
  readonly name: N;
  /** How it is asked for, in messages: its name, with what it reads after a colon, or a file of any name. */
  readonly words: string;
  /** What is read for it; it makes its own samples if left out. */
  readonly reads?: 'table' | 'pictures';
  /** Images are trained a seed at a time. */
  readonly isOfImages: boolean;
  /** What can be learnt from it; the first one unless asked for. */
  readonly tasks: readonly [TaskName, ...TaskName[]];
  /** In configurations; other kinds may have the same ones. */
  readonly options: Options;
  /** How files are read, which is no part of a configuration. */
  readonly reading?: Options;
  /** Other defaults than those declared, of its own options and of any. */
  readonly defaults?: readonly Overruled[];
}

export interface Overruled {
  readonly option: Option;
  readonly value: unknown;
}

/** A default in place of the one declared. */
export function overrule<V>(option: Option<V>, value: NoInfer<V>): Overruled {
  return { option, value };
}
