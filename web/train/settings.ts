/** Settings of the tab: texts by option name, the same as on the command line and in a link; what is left out has its default. */
import { configOf, valueOf } from '../../train/config.ts';
import { defaults, type Option, options } from '../../train/option-list.ts';
import type { StudyConfig } from '../../train/results.ts';
import type { Query } from '../tab.ts';

export type Settings = ReadonlyMap<string, string>;

/** A seed after the other shows results soonest; a GPU may gain from more, with the same weights. */
const pageDefaults: Readonly<Record<string, string>> = { 'batch-seeds': '1' };

/** What a form can set. */
export const settingOptions: readonly Option[] = options.filter(
  ({ key, name }) => key !== undefined && name !== 'data',
);

export const optionOf = (name: string): Option => settingOptions.find((option) => option.name === name)!;

export interface Checked {
  /** What is wrong, by option name, in words that follow the name of the field. */
  readonly problems: ReadonlyMap<string, string>;
  /** Undefined while something is wrong. */
  readonly config: StudyConfig | undefined;
}

/** Checks each text by itself, so that every problem stands beside its field. */
export function check(settings: Settings, methodNames: readonly string[]): Checked {
  const problems = new Map<string, string>();
  const attempt = <T>(name: string, work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      problems.set(name, wordsOf(error));
      return undefined;
    }
  };
  for (const [name, text] of settings) attempt(name, () => valueOf(optionOf(name), text, methodNames));
  if (problems.size > 0) return { problems, config: undefined };
  const all = new Map([...Object.entries(pageDefaults), ...settings]);
  // Only seeds that go past the last one are left to complain about.
  return { problems, config: attempt('seed', () => configOf(all, methodNames)) };
}

/** The default as a text; some depend on other settings, which `config` has. */
export function defaultText(name: string, config: StudyConfig = defaults): string {
  const key = optionOf(name).key!;
  const depends = key === 'deviations' || key === 'eps';
  return pageDefaults[name] ?? String((depends ? config : defaults)[key]);
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
  const words = [...settings].map(
    ([name, text]) => `--${name} ${/^[\w.,:-]+$/.test(text) ? text : `'${text}'`}`,
  );
  return ['npm run distill', ...(words.length > 0 ? ['--', ...words] : [])].join(' ');
}

/** Without the option's name, which the field has already. */
function wordsOf(error: unknown): string {
  const text = (error instanceof Error ? error.message : String(error)).replace(/^--[\w-]+:? /, '');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
