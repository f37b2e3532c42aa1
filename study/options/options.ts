/** The command line of `distill`, read and checked: every mistake is one line that names the option. */

import { parseArgs } from 'node:util';
import { nearest } from '../../base/nearest-name.ts';
import { keyOf, type OptionsOf, type ValuesOf } from '../../base/option.ts';
import { configOf, valueOf } from './config.ts';
import { UserError } from '../../base/errors.ts';
import { idleOptions } from './idle-options.ts';
import { optionElsewhere, options } from './option-list.ts';
import { mpiigazeReading } from '../data/kinds/mpiigaze.ts';
import { tableReading } from '../data/kinds/table.ts';
import type { PictureOptions } from '../read/read-pictures.ts';
import type { TableOptions } from '../read/read-table.ts';
import type { StudyConfig } from '../results.ts';
import { commandOptions } from '../run-options.ts';

export interface ParsedOptions extends ValuesOf<typeof commandOptions> {
  config: StudyConfig;
  /** Of data 'table': how `config.file` is read. */
  table: TableOptions;
  /** Of images: which are read. */
  pictures: PictureOptions;
  /** A line for each option that has no effect. */
  idle: readonly string[];
}

export function parseOptions(argv: readonly string[], methodNames: readonly string[]): ParsedOptions {
  const given = readTokens(argv);
  const config = configOf(given, methodNames);
  const { header, split = [], columns, group } = read(tableReading, given);
  return {
    config,
    table: {
      ...{ columns, group, split },
      header: header === 'auto' ? undefined : header === 'yes',
      keepsMissing: config.missing !== 'refuse',
    },
    pictures: read(mpiigazeReading, given),
    ...read(commandOptions, given),
    idle: idleOptions(new Set(given.keys()), config),
  };
}

/** The values of options that are no part of a configuration. */
function read<O>(declared: OptionsOf<O>, given: ReadonlyMap<string, string>): O {
  const values = Object.values<OptionsOf<O>[keyof O]>(declared).map((option) => {
    const text = given.get(option.name);
    return [keyOf(option), text === undefined ? option.default : valueOf(option, text, [])] as const;
  });
  return Object.fromEntries(values) as O;
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
  const meant = optionElsewhere(name) ?? nearest(name, names);
  const cure = meant === undefined ? ' (--help lists them all)' : `, did you mean '--${meant}'?`;
  return new UserError(`unknown option '${rawName}'${cure}`);
}

function strayArgument(text: string): UserError {
  return new UserError(
    `unexpected argument '${text}'; options begin with --, and with npm they follow a --: ` +
      'npm run distill -- --seeds 5',
  );
}
