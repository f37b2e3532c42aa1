/** The command line of `distill`, read and checked: every mistake is one line that names the option. */

import { parseArgs } from 'node:util';
import { nearest } from '../../base/nearest-name.ts';
import { choiceOf, columnsOf, configOf } from './config.ts';
import { UserError } from '../../base/errors.ts';
import { idleOptions } from './idle-options.ts';
import type { Option } from './option.ts';
import { options } from './option-list.ts';
import type { PictureOptions } from '../read/read-pictures.ts';
import type { TableOptions } from '../read/read-table.ts';
import type { StudyConfig } from '../results.ts';
import { otherNames } from '../../base/suggest.ts';

export interface ParsedOptions {
  config: StudyConfig;
  /** Of data 'table': how `config.file` is read. */
  table: TableOptions;
  /** Of images: which are read. */
  pictures: PictureOptions;
  /** The run folder asked for; undefined to choose a name. */
  out: string | undefined;
  overwrite: boolean;
  json: boolean;
  quiet: boolean;
  dryRun: boolean;
  version: boolean;
  help: boolean;
  /** A line for each option that has no effect. */
  idle: readonly string[];
}

export function parseOptions(argv: readonly string[], methodNames: readonly string[]): ParsedOptions {
  const given = readTokens(argv);
  const config = configOf(given, methodNames);
  return {
    config,
    table: {
      columns: listOf(given, 'columns'),
      header: headerOf(given.get('header')),
      group: given.get('group'),
      split: listOf(given, 'split') ?? [],
      keepsMissing: config.missing !== 'refuse',
    },
    pictures: { subset: subsetOf(given.get('subset')), skipBad: given.has('skip-bad') },
    out: given.get('out'),
    overwrite: given.has('overwrite'),
    json: given.has('json'),
    quiet: given.has('quiet'),
    dryRun: given.has('dry-run'),
    version: given.has('version'),
    help: given.has('help'),
    idle: idleOptions(new Set(given.keys()), config),
  };
}

/** Option names to their texts, the last of a repeated option; a flag's text is empty. */
function readTokens(argv: readonly string[]): Map<string, string> {
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries([
      ...options.map(({ name, kind }) => [name, { type: kind === 'flag' ? 'boolean' : 'string' }] as const),
      ['help', { type: 'boolean', short: 'h' }] as const,
    ]),
    // Not strict: its messages name no cure, and we know what else could have been meant.
    strict: false,
    tokens: true,
  });
  const given = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === 'positional') throw strayArgument(token.value);
    if (token.kind !== 'option') continue;
    const option = options.find(({ name }) => name === token.name);
    if (option === undefined) throw unknownOption(token.rawName, token.name);
    if (option.kind === 'flag') {
      if (token.value !== undefined) throw new UserError(`--${option.name} takes no value`);
      given.set(option.name, '');
      continue;
    }
    const isAnotherOption = !token.inlineValue && token.value?.startsWith('--');
    if (token.value === undefined || token.value === '' || isAnotherOption) {
      throw new UserError(`--${option.name} needs a value`);
    }
    given.set(option.name, token.value);
  }
  return given;
}

function unknownOption(rawName: string, name: string): UserError {
  const names = options.map((option) => option.name);
  const meant = otherNames[name] ?? nearest(name, names);
  const cure = meant === undefined ? ' (--help lists them all)' : `, did you mean '--${meant}'?`;
  return new UserError(`unknown option '${rawName}'${cure}`);
}

function strayArgument(text: string): UserError {
  return new UserError(
    `unexpected argument '${text}'; options begin with --, and with npm they follow a --: ` +
      'npm run distill -- --seeds 5',
  );
}

function listOf(given: ReadonlyMap<string, string>, name: string): string[] | undefined {
  const text = given.get(name);
  return text === undefined ? undefined : columnsOf(name, text);
}

function headerOf(text = 'auto'): boolean | undefined {
  return choiceOf(optionOf('header'), text) === 'auto' ? undefined : text === 'yes';
}

function subsetOf(text = 'evaluation'): PictureOptions['subset'] {
  return choiceOf(optionOf('subset'), text) === 'all' ? 'all' : 'evaluation';
}

function optionOf(name: string): Option {
  return options.find((option) => option.name === name)!;
}
