/** A study's configuration from texts, as the command line and the page give them: checked, with every default. */

import { namesIn } from '../../base/name-list.ts';
import { keyOf, type Option } from '../../base/option.ts';
import { UserError } from '../../base/errors.ts';
import { isOfImages } from './input-config.ts';
import { notForTables, parseNetwork } from '../../models/network-spec.ts';
import { methodsOption, usualMethods } from '../../methods/all.ts';
import { parseMethodName } from '../../methods/method-name.ts';
import { options } from './option-list.ts';
import { isPath, isSource, namesOf } from './own.ts';
import { type DataKind, dataKindOf, dataKinds, dataOption, isOfClasses } from '../data/kinds/all.ts';
import { digits, images } from '../data/kinds/digits.ts';
import { table } from '../data/kinds/table.ts';
import type { Ramp } from '../../train/ramp.ts';
import type { StudyConfig } from '../results.ts';
import { defaultsOf } from './study-defaults.ts';
import { tasks } from '../../tasks/all.ts';
import { suggestion } from '../../base/suggest.ts';
import { teacher } from '../teachers/teacher-options.ts';
import { checkTeacherOptions, isSavedNetwork, teacherOrigin } from '../teachers/teacher-origin.ts';

/**
 * From option names and their texts; options that are not about the study are left alone.
 *
 * @throws UserError for the first text that does not do.
 */
export function configOf(given: ReadonlyMap<string, string>, methodNames: readonly string[]): StudyConfig {
  const named = dataOf(given.get(dataOption.name) ?? dataOption.default!);
  // A table of which the size of images is told.
  const data = named.data === table.name && given.has(images.name) ? { ...named, data: digits.name } : named;
  const standard = defaultsOf(data.data);
  const values: Record<string, unknown> = { ...standard, ...data, methods: [...standard.methods] };
  const stray = options.find(({ name, only }) => only && !only.includes(data.data) && given.has(name));
  if (stray) {
    const kinds = stray.only!.map((kind) => dataKindOf({ data: kind }).words);
    throw new UserError(
      `--${stray.name} belongs to --data ${kinds.join(' or ')}, not to ${dataKindOf(data).words}`,
    );
  }
  for (const option of options) {
    const text = given.get(option.name);
    if (option.key !== undefined && text !== undefined)
      values[option.key] = valueOf(option, text, methodNames);
  }
  for (const { key, name, follows } of options)
    if (key !== undefined && follows && !given.has(name))
      values[key] = follows.valueFor(values[keyOf(follows.option)]);
  // Every key holds its default or a value that valueOf has checked against the same list.
  const config = values as unknown as StudyConfig;
  if (!given.has(methodsOption.name) && isOfClasses(config)) config.methods = usualMethods('classes');
  checkTeacherOptions(given, config);
  const origin = teacherOrigin(config);
  if (origin === 'column') config.teacher = '';
  if (origin === 'file' && isOfImages(config))
    throw new UserError(
      `--teacher: ${config.teacher} is for tables; a study of images trains its teacher, such as lenet:0.5`,
    );
  for (const { name } of options.filter(({ kind }) => kind === 'network' || kind === 'networks')) {
    if (name === teacher.name && origin !== 'trained') continue;
    for (const network of [values[keyOf({ name })] as string | string[]].flat()) {
      const isForImages = parseNetwork(network, `--${name}`).kind !== 'mlp';
      if (isForImages && !isOfImages(config)) throw new UserError(notForTables(network, `--${name}`));
    }
  }
  if (config.seed + config.seeds > 2 ** 32) {
    throw new UserError(
      `--seed ${config.seed} and --seeds ${config.seeds} go past the last seed, 4294967295`,
    );
  }
  return config;
}

/** @throws UserError that begins with the option's name. */
export function valueOf(option: Option, text: string, methodNames: readonly string[]): unknown {
  switch (option.kind) {
    case 'flag':
      return true;
    case 'integer':
    case 'number':
      return numberOf(option, text);
    case 'ramp':
      return rampOf(option, text);
    case 'choice':
      return choiceOf(option, text);
    case 'network':
      if (option.name !== teacher.name || !isSavedNetwork(text)) parseNetwork(text, `--${option.name}`);
      return text;
    case 'networks':
      return networksOf(option.name, text);
    case 'methods':
      return methodsOf(text, methodNames);
    case 'task':
      return taskNamed(option, text);
    case 'size':
      return sizeOf(option.name, text);
    case 'columns':
      return columnsOf(option.name, text);
    default:
      return text;
  }
}

function numberOf({ name, kind, min = -Infinity, max = Infinity, isAbove }: Option, text: string): number {
  const value = Number(text);
  const isNumber =
    text.trim() !== '' && Number.isFinite(value) && (kind !== 'integer' || Number.isInteger(value));
  const isInside = (isAbove ? value > min : value >= min) && value <= max;
  if (isNumber && isInside) return value;
  const noun = kind === 'integer' ? 'a whole number' : 'a number';
  const lower = isAbove ? `above ${min}` : `of at least ${min}`;
  const range = Number.isFinite(max) ? `from ${min} to ${max}` : lower;
  throw new UserError(`--${name} must be ${noun} ${range}, not '${text}'`);
}

/** '0.5', or '1:0.1', as `valueAt` goes. */
function rampOf(option: Option, text: string): Ramp {
  const [from = '', to, ...more] = text.split(':');
  if (more.length > 0)
    throw new UserError(`--${option.name} wants a number, or two such as 1:0.1, not '${text}'`);
  const first = numberOf(option, from);
  return to === undefined ? first : `${first}:${numberOf(option, to)}`;
}

/** A name of ours, one with a path after a colon, or a path: that has an ending or a slash. */
function dataOf(text: string): Pick<StudyConfig, 'data' | 'file'> {
  // In messages those that are made come first.
  const kinds = [...dataKinds.values()].toSorted((a, b) => Number(!!a.reads) - Number(!!b.reads));
  const named = kinds.filter(({ reads }) => reads !== 'table');
  const made = named.find(({ name, reads }) => !reads && name === text);
  if (made) return { data: made.name, file: '' };
  const [, name = '', file = ''] = /^([\w-]+)(?::(.*))?$/s.exec(text) ?? [];
  const kind = named.find((known) => known.reads && known.name === name);
  if (kind && file !== '') return { data: kind.name, file };
  if (kind) throw new UserError(`--data: ${kind.name} lacks a path; wants ${kind.words}`);
  if (isSource(text)) {
    const [own, ...more] = namesOf(text, 'kinds', dataOption.name);
    if (more.length > 0) throw new UserError(`--data: ${text} has several kinds of data; export one`);
    return { data: own as DataKind, file: '' };
  }
  const ofFiles = kinds.find(({ reads }) => reads === 'table')!;
  if (/[./\\]/.test(text)) return { data: ofFiles.name, file: text };
  const known = named.map((each) => each.name);
  throw new UserError(
    `--data: unknown data set '${text}'${suggestion(text, known)} (${kinds.map(({ words }) => words).join(', ')}; a file such as ${text}.csv)`,
  );
}

/** '32x20': LeNet needs 16 pixels either way, and more than a camera has are a slip of the keyboard. */
function sizeOf(option: string, text: string): string {
  const [, width = '', height = ''] = /^([1-9]\d{0,3})x([1-9]\d{0,3})$/.exec(text) ?? [];
  if (width === '' || Number(width) > 2048 || Number(height) > 2048)
    throw new UserError(
      `--${option} wants WIDTHxHEIGHT in pixels, at most 2048 each, such as 32x20, not '${text}'`,
    );
  return text;
}

/** '' is what the data are for. Whether they are for it is checked with them. */
function taskNamed({ name: option }: Option, text: string): string {
  const names = isPath(text) ? namesOf(text, 'tasks', option) : [text];
  if (names.length > 1)
    throw new UserError(`--${option}: ${text} has several tasks (${names.join(', ')}); export one`);
  const [name] = names as [string];
  if (name === '' || tasks.has(name)) return name;
  const known = [...tasks.keys()];
  throw new UserError(
    `--${option}: unknown task '${name}'${suggestion(name, known)} (known: ${known.join(', ')})`,
  );
}

function columnsOf(option: string, text: string): string[] {
  const names = namesIn(text);
  if (!names)
    throw new UserError(
      `--${option}: a quote is not closed, or something follows one, in '${text}'; a name is quoted as in "a, b",c`,
    );
  if (names.includes('')) throw new UserError(`--${option}: an empty name in '${text}'`);
  return names;
}

/** 'resnet8,resnet14', 'mlp:16,16,mlp:32': widths go on with digits, the next network begins with a letter. */
function networksOf(option: string, text: string): string[] {
  const names = text === '' ? [] : text.split(/,\s*(?=\p{L})/u);
  for (const name of names) parseNetwork(name, `--${option}`);
  return names;
}

function choiceOf({ name, choices = [] }: Option, text: string): string {
  if (choices.includes(text)) return text;
  throw new UserError(
    `--${name}: unknown value '${text}'${suggestion(text, choices)} (known: ${choices.join(', ')})`,
  );
}

/** The names that a word stands for: of a path those of the methods in the file, each with the word's add-ons. */
function ownNames(word: string): string[] {
  if (!isPath(word)) return [word];
  const [, path = '', addOns = ''] = /^(.*?)((?:\+[a-z]+)*)$/s.exec(word) ?? [];
  return namesOf(path, 'methods', methodsOption.name).map((name) => name + addOns);
}

function methodsOf(text: string, known: readonly string[]): string[] {
  const names = text.split(',').flatMap((name) => {
    if (name.trim() === '') throw new UserError(`--methods: an empty name in '${text}'`);
    return ownNames(name.trim()).map((own) => {
      const { base, addOns } = parseMethodName(own, isPath(name) ? [...known, own.split('+')[0]!] : known);
      return [base, ...addOns].join('+');
    });
  });
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new UserError(`--methods names '${twice}' twice`);
  return names;
}
