/** The command line of `distill`, read and checked: every mistake is one line that names the option. */

import { parseArgs } from 'node:util';
import { namesIn } from '../../base/name-list.ts';
import { nearest } from '../../base/nearest-name.ts';
import { keyOf, type OptionsOf, type ValuesOf } from '../../base/option.ts';
import { configOf, valueOf } from './config.ts';
import { UserError } from '../../base/errors.ts';
import { idleOptions } from './idle-options.ts';
import { optionElsewhere, options } from './option-list.ts';
import { cifarReading } from '../data/kinds/cifar.ts';
import { mpiigazeReading } from '../data/kinds/mpiigaze.ts';
import { isOfClasses } from '../data/kinds/all.ts';
import { tableReading } from '../data/kinds/table.ts';
import type { ClassReading } from '../read/read-classes.ts';
import type { PictureOptions } from '../read/read-pictures.ts';
import { atHome } from '../read/home.ts';
import type { TableOptions } from '../read/read-table.ts';
import { writingOf } from '../read/table-writing.ts';
import type { StudyConfig } from '../results.ts';
import { commandOptions } from '../run-options.ts';

export interface ParsedOptions extends ValuesOf<typeof commandOptions> {
  config: StudyConfig;
  /** Of data 'table': how `config.file` is read. */
  table: TableOptions;
  /** Of images: which are read. */
  pictures: PictureOptions & Pick<ClassReading, 'cifarLabels'>;
  /** A line for each option that has no effect. */
  idle: readonly string[];
}

export function parseOptions(argv: readonly string[], methodNames: readonly string[]): ParsedOptions {
  const { given, overruled } = readTokens(argv);
  const config = configOf(given, methodNames);
  config.file = atHome(config.file);
  config.teacher = atHome(config.teacher);
  const { split = [], columns, exclude, group, ...writing } = read(tableReading, given);
  const command = read(commandOptions, given);
  return {
    config,
    table: {
      ...{ columns, exclude, group: group && oneName(group) },
      classes: isOfClasses(config) ? (config.target[0] ?? true) : undefined,
      also: [...config.target, ...(config.teacherColumn ?? [])],
      split: split.map(atHome),
      ...writingOf(writing),
      keepsMissing: config.missing !== 'refuse',
    },
    pictures: { ...read(mpiigazeReading, given), ...read(cifarReading, given) },
    ...command,
    out: command.out && atHome(command.out),
    idle: [...overruled, ...idleOptions(new Set(given.keys()), config)],
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

/** A name may be quoted as in a list, or not. */
function oneName(text: string): string {
  const [name, ...others] = namesIn(text) ?? [];
  return name === undefined || others.length > 0 ? text : name;
}

interface Given {
  /** Option names to their texts; a flag's text is empty. */
  readonly given: Map<string, string>;
  /** A line for each text that a later one of the same option takes the place of. */
  readonly overruled: string[];
}

/** Lists add up. Of other options the last one counts, and that is said; those about data mean one thing each. */
function readTokens(argv: readonly string[]): Given {
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
  const overruled: string[] = [];
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
    const before = given.get(option.name);
    if (before !== undefined && (option.kind === 'columns' || option.kind === 'methods')) {
      given.set(option.name, `${before},${token.value}`);
      continue;
    }
    given.set(option.name, token.value);
    if (before === undefined || before === token.value) continue;
    if (option.group === 'data')
      throw new UserError(
        `--${option.name} is given twice, as '${before}' and '${token.value}'; leave one out`,
      );
    overruled.push(`--${option.name} is given twice: '${token.value}' counts, not '${before}'`);
  }
  return { given, overruled };
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
