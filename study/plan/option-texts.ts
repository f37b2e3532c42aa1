/** Options in JSON, as the texts that the command line has; every mistake with its place. */
import { nameList } from '../../base/name-list.ts';
import { nearest } from '../../base/nearest-name.ts';
import { valueOf } from '../options/config.ts';
import { UserError } from '../../base/errors.ts';
import type { Option } from '../../base/option.ts';
import { optionElsewhere, options as allOptions, type StudyOption } from '../options/option-list.ts';

/** Option names of `distill` and their texts, as on the command line; a flag's text is empty. */
export type OptionTexts = Readonly<Record<string, string>>;

/** What a run is asked for; the rest steers the command. */
export function studyOptions(): StudyOption[] {
  return allOptions.filter(({ key, group }) => group !== 'run' || key !== undefined);
}

export function optionTexts(
  given: Readonly<Record<string, unknown>>,
  at: string,
  methodNames: readonly string[],
): OptionTexts {
  const texts = Object.entries(given).map(
    ([name, value]) =>
      [name, optionText(name, value, { at: `${at}.${name}`, axis: `${at}.${name}`, methodNames })] as const,
  );
  return Object.fromEntries(texts);
}

/** `axis` is the place of the name, `at` that of the value. */
export function optionText(
  name: string,
  value: unknown,
  { at, axis, methodNames }: { at: string; axis: string; methodNames: readonly string[] },
): string {
  const option = studyOptions().find((known) => known.name === name);
  if (!option) {
    const isOfCommand = allOptions.some((known) => known.name === name);
    const reason = isOfCommand
      ? `'${name}' steers the command distill and is no part of a study`
      : `unknown option '${name}'${meant(
          name,
          studyOptions().map((known) => known.name),
        )}`;
    throw new UserError(`${axis}: ${reason}`);
  }
  const text = textOf(option, value, at);
  try {
    valueOf(option, text, methodNames);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`${at}: ${error.message.replace(/^--([\w-]+):? /, '$1 ')}`, { cause: error });
  }
  return text;
}

function textOf({ name, kind }: Option, value: unknown, at: string): string {
  if (kind === 'flag') {
    if (value === true) return '';
    throw new UserError(
      `${at}: ${name} is a flag and wants true, not ${show(value)}; leave it out otherwise`,
    );
  }
  const isList = kind === 'methods' || kind === 'columns' || kind === 'networks';
  const isWord = (word: unknown) => (typeof word === 'string' && word !== '') || typeof word === 'number';
  // A list has its names as they are; one with a comma is quoted for the command line.
  if (isList && Array.isArray(value) && value.length > 0 && value.every(isWord))
    return kind === 'columns' ? nameList(value as (string | number)[]) : value.join(',');
  if (isWord(value)) return String(value);
  const wanted =
    kind === 'integer' || kind === 'number'
      ? 'a number'
      : kind === 'ramp'
        ? "a number, or two as in '1:0.1'"
        : isList
          ? 'a name or a list of them'
          : 'a text';
  throw new UserError(`${at}: ${name} wants ${wanted}, not ${show(value)}`);
}

export function meant(word: string, known: readonly string[]): string {
  const kebab = word.replaceAll(/(?<=[a-z])[A-Z]/g, '-$&').toLowerCase();
  const other = optionElsewhere(word);
  const found = other !== undefined && known.includes(other) ? other : nearest(kebab, known);
  return found === undefined ? '' : `, did you mean '${found}'?`;
}

export function objectIn(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (isObject(value)) return value;
  throw new UserError(`${at}: wants an object, not ${show(value)}`);
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
