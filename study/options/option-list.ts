/** Every option of `distill`, collected from its owners: nothing is declared here, or listed by name. */
import type { Option, OptionGroup, Options } from '../../base/option.ts';
import { type DataKind, dataKinds, dataOption } from '../data/kinds/all.ts';
import type { StudyConfig } from '../results.ts';
import { commandOptions } from '../run-options.ts';
import { owners } from './owners.ts';

/** An option with what follows from who owns it. */
export interface StudyOption extends Option {
  /** Where the value goes in the configuration; options without it steer the command only. */
  readonly key?: keyof StudyConfig;
  /** Data that it is about, if not all. */
  readonly only?: readonly DataKind[];
}

const groups: readonly OptionGroup[] = ['data', 'networks', 'training', 'run'];

/** The kinds that have it, if it belongs to kinds of data. */
function kindsWith(option: Option): Pick<StudyOption, 'only'> {
  const has = (declared: Options = {}) => Object.values(declared).includes(option);
  const only = [...dataKinds.values()].filter(({ options, reading }) => has(options) || has(reading));
  return only.length > 0 ? { only: only.map(({ name }) => name) } : {};
}

interface Declared {
  readonly option: Option;
  readonly key?: keyof StudyConfig;
}

/** As their owners wrote them; some come more than once. */
function declarations(): Declared[] {
  const plain = (options: object = {}): Declared[] =>
    Object.values<Option>({ ...options }).map((option) => ({ option }));
  const keyed = (options: object = {}): Declared[] =>
    Object.entries<Option>({ ...options }).map(([key, option]) => ({
      option,
      key: key as keyof StudyConfig,
    }));
  return [
    { option: dataOption },
    ...owners().flatMap(({ reading, options: own }) => [...plain(reading), ...keyed(own)]),
    ...plain(commandOptions),
  ];
}

function collected(): StudyOption[] {
  const all = declarations().map(({ option, ...key }) => ({ ...option, ...kindsWith(option), ...key }));
  const once = new Map(all.map((option): [string, StudyOption] => [option.name, option]));
  return [...once.values()].toSorted((a, b) => groups.indexOf(a.group) - groups.indexOf(b.group));
}

/** The declaration of a name. */
export function declaredAs(name: string): Option | undefined {
  return declarations().find(({ option }) => option.name === name)?.option;
}

const list = collected();

/** Each once, group by group. */
export const options: readonly StudyOption[] = list;

/** To be called where an owner has come from outside. */
export function renewOptions(): void {
  list.splice(0, list.length, ...collected());
}

/** The option that other tools call so. */
export function optionElsewhere(name: string): string | undefined {
  return options.find(({ elsewhere = [] }) => elsewhere.includes(name))?.name;
}
