/**
 * An option as its owner declares it, once: what it is called, what it may be, what it is where nobody says. Command line,
 * help, study files, forms and configurations are made of these declarations.
 */

/** More of anything is a slip of the keyboard. */
export const most = 1e9;

export type OptionKind =
  | 'flag'
  | 'integer'
  | 'number'
  | 'ramp'
  | 'choice'
  | 'data'
  | 'text'
  | 'network'
  | 'networks'
  | 'size'
  | 'methods'
  | 'task'
  | 'columns';

/** Where it stands in the help. */
export type OptionGroup = 'data' | 'networks' | 'training' | 'run';

export interface Option<V = unknown> {
  /** On the command line, in study files and in links. */
  readonly name: string;
  /** What other tools call it. */
  readonly elsewhere?: readonly string[];
  readonly kind: OptionKind;
  readonly group: OptionGroup;
  readonly help: string;
  /** What it is where nobody says and the kind of data does not overrule it; a configuration has nothing if left out. */
  readonly default?: V;
  /** Its default where that depends on what another option is. */
  readonly follows?: Follows<V>;
  /** Range of a number, or of both of a ramp, ends included unless `isAbove`. */
  readonly min?: number;
  readonly max?: number;
  /** The number must be greater than `min`, not equal. */
  readonly isAbove?: true;
  readonly choices?: readonly string[];
  /** What else a study must have for it to have an effect, besides who reads it. */
  readonly when?: Condition;
  readonly form?: FormWords;
}

interface Follows<V> {
  readonly option: Option;
  valueFor(other: unknown): V;
}

/** A default by what another option is. */
export function following<A, V>(option: Option<A>, valueFor: (value: A) => V): Follows<V> {
  return { option, valueFor: (value) => valueFor(value as A) };
}

/** How a form shows it. Options without a section are for those who look for them. */
export interface FormWords {
  readonly section?: string;
  /** Its name with spaces if left out. */
  readonly label?: string;
  /** In a section nothing if left out; elsewhere the help. */
  readonly hint?: string;
  readonly slider?: { readonly min: number; readonly max: number; readonly step: number };
}

/** Options by their keys in a configuration: an owner's, with the types of their values. */
export type OptionsOf<O> = { readonly [K in keyof O]: Option<O[K]> };
export type Options = Readonly<Record<string, Option>>;

/** What a study is asked for, by the options' keys. */
export type Values = Readonly<Record<string, unknown>>;

type ValueOf<P> = P extends Option<infer V> ? V : never;
type OptionalKeys<O> = { [K in keyof O]: undefined extends ValueOf<O[K]> ? K : never }[keyof O];

/** The values of declared options; those that may be undefined may be left out. */
export type ValuesOf<O> = { -readonly [K in Exclude<keyof O, OptionalKeys<O>>]: ValueOf<O[K]> } & {
  -readonly [K in OptionalKeys<O>]?: ValueOf<O[K]>;
};

type Together<U> = (U extends unknown ? (each: U) => void : never) extends (all: infer A) => void ? A : never;
type ValuesOfEach<O> = O extends unknown ? ValuesOf<O> : never;

/** The values of several owners' options together, from the union of what they declare. */
export type AllValuesOf<O> = Together<ValuesOfEach<O>>;

type Declaration<V> = Omit<Option<V>, 'kind'>;

export function integer(declaration: Declaration<number>): Option<number> {
  return { kind: 'integer', ...declaration };
}

export function number(declaration: Declaration<number>): Option<number> {
  return { kind: 'number', ...declaration };
}

export function text(declaration: Declaration<string>): Option<string> {
  return { kind: 'text', ...declaration };
}

export function choice<const C extends string>(
  declaration: Omit<Declaration<NoInfer<C>>, 'choices'> & { choices: readonly C[] },
): Option<C> {
  return { kind: 'choice', ...declaration };
}

export function flag(declaration: Declaration<boolean>): Option<boolean> {
  return { kind: 'flag', default: false, ...declaration };
}

/** 'outlier-branch' is `outlierBranch` in a configuration. */
export function keyOf({ name }: Pick<Option, 'name'>): string {
  return name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** Those of an owner that a study's values have. */
export function valuesFor<O extends object>(options: OptionsOf<O> | undefined, values: Values): O {
  const own = Object.keys(options ?? {}).map((key) => [key, values[key]] as const);
  return Object.fromEntries(own) as O;
}

/** What an option is about, and whether a study has it. */
export interface Condition {
  /** '--rule quantile'. */
  readonly words: string;
  /** Why the option has no effect otherwise, if that is not that it is about `words`. */
  readonly reason?: string;
  /** By the study's values and the names of all options that were given. */
  holds(values: Values, given: ReadonlySet<string>): boolean;
}

/** Where another option has one of some values. */
export function whereIs<V>(option: Option<V>, ...wanted: readonly NoInfer<V>[]): Condition {
  return {
    words: `--${option.name} ${wanted.join(' or ')}`,
    holds: (values) => wanted.includes(values[keyOf(option)] as V),
  };
}

/** Where another option, a number, is above a limit. */
export function whereAbove(option: Option<number>, limit: number): Condition {
  return {
    words: `--${option.name} above ${limit}`,
    holds: (values) => (values[keyOf(option)] as number) > limit,
  };
}
