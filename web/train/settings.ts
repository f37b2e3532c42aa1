/** Settings of the tab: texts by option name, the same as on the command line and in a link; what is left out has its default. */
import { nameList } from '../../base/name-list.ts';
import type { Table } from '../../datasets/dataset.ts';
import { configOf, valueOf } from '../../study/options/config.ts';
import { configFor } from '../../study/options/input-config.ts';
import { type DataKind, dataOption } from '../../study/data/kinds/all.ts';
import { runOptions } from '../../study/run-options.ts';
import { teacherColumn } from '../../study/teachers/teacher-options.ts';
import { options, type StudyOption } from '../../study/options/option-list.ts';
import type { StudyConfig } from '../../study/results.ts';
import { defaultsOf } from '../../study/options/study-defaults.ts';
import type { Query } from '../tab.ts';
import { checkWriting, writingNames } from './writing.ts';

export type Settings = ReadonlyMap<string, string>;

/** A seed after the other shows results soonest; a GPU may gain from more, with the same weights. */
const pageDefaults: Readonly<Record<string, string>> = {
  [dataOption.name]: 'sinusoid',
  [runOptions.batchSeeds.name]: '1',
};

/** Data 'table' before there is a file. */
export const UNNAMED = 'file.csv';

/** Images are for the command line. */
const pageData: readonly DataKind[] = ['sinusoid', 'table'];

/** What a form can set; `data` is the name of the table, if it is one. */
export const settingOptions: readonly StudyOption[] = options.filter(
  ({ key, name, only = pageData }) =>
    (key !== undefined || name === dataOption.name || writingNames.includes(name)) &&
    only.some((data) => pageData.includes(data)) &&
    // A teacher from elsewhere is for the command line, too.
    name !== teacherColumn.name,
);

export const optionOf = (name: string): StudyOption => settingOptions.find((option) => option.name === name)!;

export function dataOf(settings: Settings): StudyConfig['data'] {
  return (settings.get('data') ?? 'sinusoid') === 'sinusoid' ? 'sinusoid' : 'table';
}

/** Without what is about other data: that is remembered, but does not count. */
export function active(settings: Settings): Map<string, string> {
  const data = dataOf(settings);
  return new Map([...settings].filter(([name]) => optionOf(name).only?.includes(data) ?? true));
}

export interface Checked {
  /** What is wrong, by option name, in words that follow the name of the field. */
  readonly problems: ReadonlyMap<string, string>;
  /** Undefined while something is wrong. */
  readonly config: StudyConfig | undefined;
}

/** Checks each text by itself, so that every problem stands beside its field. */
export function check(given: Settings, methodNames: readonly string[], table: Table | undefined): Checked {
  const settings = active(given);
  const problems = new Map<string, string>();
  const attempt = <T>(name: string, work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      problems.set(name, wordsOf(error));
      return undefined;
    }
  };
  for (const [name, text] of settings) {
    const isList = ['methods', 'columns'].includes(optionOf(name).kind);
    if (isList && text === '') problems.set(name, 'Choose at least one');
    else if (writingNames.includes(name)) attempt(name, () => checkWriting(name, text));
    else attempt(name, () => valueOf(optionOf(name), text, methodNames));
  }
  if (dataOf(settings) === 'table' && !table) problems.set('data', missingTable(settings.get('data')!));
  if (problems.size > 0) return { problems, config: undefined };
  const all = new Map([...Object.entries(pageDefaults), ...settings]);
  // Only seeds that go past the last one are left to complain about, and whether table and settings fit.
  const config = attempt('seed', () => configOf(all, methodNames));
  const fitting =
    config && attempt('data', () => configFor(config, config.data === 'table' ? { table } : {}));
  return { problems, config: fitting };
}

function missingTable(name: string): string {
  if (name === UNNAMED) return 'Give a CSV file: drop it, choose it or paste its text';
  return `Give the file ${name} again: a link does not hold its rows`;
}

/** The default as a text; some depend on other settings, which `config` has, or on the data. */
export function defaultText(name: string, settings: Settings, config: StudyConfig | undefined): string {
  const standard = defaultsOf(dataOf(settings));
  const { key, kind, follows, default: own = '' } = optionOf(name);
  if (writingNames.includes(name)) return String(own);
  if (key === undefined || name in pageDefaults) return pageDefaults[name] ?? '';
  const depends = follows !== undefined || kind === 'columns';
  const value = (depends ? (config ?? standard) : standard)[key];
  return Array.isArray(value) ? nameList(value) : String(value);
}

/** From a link; and the names in it that are no setting. */
export function settingsOf({ run, ...query }: Query): {
  settings: Map<string, string>;
  unknown: string[];
  isStarted: boolean;
} {
  const isKnown = (name: string) => settingOptions.some((option) => option.name === name);
  const entries = Object.entries(query);
  return {
    settings: new Map(entries.filter(([name]) => isKnown(name))),
    unknown: entries.map(([name]) => name).filter((name) => !isKnown(name)),
    isStarted: run === '1',
  };
}

/** The command that trains the same in a terminal. */
export function commandOf(settings: Settings): string {
  const quoted = (text: string) => (/^[\w.,:/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
  const words = [...active(settings)].map(([name, text]) => `--${name} ${quoted(text)}`);
  return ['npm run distill', ...(words.length > 0 ? ['--', ...words] : [])].join(' ');
}

/** Without the option's name, which the field has already. */
function wordsOf(error: unknown): string {
  const text = (error instanceof Error ? error.message : String(error)).replace(/^--[\w-]+:? /, '');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
