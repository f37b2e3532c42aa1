/** The command line of `distill`, read and checked: every mistake is one line that names the option. */

import { parseArgs } from 'node:util';
import { defaultDeviations } from '../losses/outlier-mask.ts';
import { outlierBranches } from '../losses/outlier-branches.ts';
import { UserError } from './errors.ts';
import { parseNetwork } from './network-spec.ts';
import { defaults, type Option, options, tableDefaults } from './option-list.ts';
import type { StudyConfig } from './results.ts';
import { nearest, otherNames, suggestion } from './suggest.ts';

export interface TableOptions {
  columns: string[] | undefined;
  /** Whether the first line is one; undefined to find out. */
  header: boolean | undefined;
}

export interface ParsedOptions {
  config: StudyConfig;
  /** Of data 'csv': how `config.file` is read. */
  table: TableOptions;
  /** The run folder asked for; undefined to choose a name. */
  out: string | undefined;
  overwrite: boolean;
  json: boolean;
  quiet: boolean;
  dryRun: boolean;
  version: boolean;
  help: boolean;
}

export function parseOptions(argv: readonly string[], methodNames: readonly string[]): ParsedOptions {
  const given = readTokens(argv);
  const data = dataOf(given.get('data') ?? defaults.data);
  const standard = data.data === 'csv' ? tableDefaults : defaults;
  const values: Record<string, unknown> = { ...standard, ...data, methods: [...standard.methods] };
  const stray = options.find(({ name, only }) => only && only !== data.data && given.has(name));
  if (stray) {
    const cure = stray.only === 'csv' ? 'a file: --data FILE.csv' : 'the sinusoid, not to a file';
    throw new UserError(`--${stray.name} belongs to ${cure}`);
  }
  for (const option of options) {
    const text = given.get(option.name);
    if (option.key !== undefined && text !== undefined)
      values[option.key] = valueOf(option, text, methodNames);
  }
  // Every key holds its default or a value that valueOf has checked against the same list.
  const config = values as unknown as StudyConfig;
  if (!given.has('deviations')) config.deviations = defaultDeviations(config.rule);
  if (!given.has('eps')) config.eps = outlierBranches[config.outlierBranch].eps;
  if (config.seed + config.seeds > 2 ** 32) {
    throw new UserError(
      `--seed ${config.seed} and --seeds ${config.seeds} go past the last seed, 4294967295`,
    );
  }
  return {
    config,
    table: {
      columns: given.has('columns') ? columnsOf('columns', given.get('columns')!) : undefined,
      header: headerOf(given.get('header')),
    },
    out: given.get('out'),
    overwrite: given.has('overwrite'),
    json: given.has('json'),
    quiet: given.has('quiet'),
    dryRun: given.has('dry-run'),
    version: given.has('version'),
    help: given.has('help'),
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

function valueOf(option: Option, text: string, methodNames: readonly string[]): unknown {
  switch (option.kind) {
    case 'integer':
    case 'number':
      return numberOf(option, text);
    case 'choice':
      return choiceOf(option, text);
    case 'network':
      parseNetwork(text, `--${option.name}`);
      return text;
    case 'methods':
      return methodsOf(text, methodNames);
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

/** A name of ours, or a path: that has an ending or a slash. */
function dataOf(text: string): Pick<StudyConfig, 'data' | 'file'> {
  if (text === 'sinusoid') return { data: text, file: '' };
  if (/[./\\]/.test(text)) return { data: 'csv', file: text };
  throw new UserError(
    `--data: unknown data set '${text}'${suggestion(text, ['sinusoid'])} (sinusoid, or a file such as ${text}.csv)`,
  );
}

function headerOf(text = 'auto'): boolean | undefined {
  const option = options.find(({ name }) => name === 'header')!;
  return choiceOf(option, text) === 'auto' ? undefined : text === 'yes';
}

function columnsOf(option: string, text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new UserError(`--${option}: an empty name in '${text}'`);
  return names;
}

function choiceOf({ name, choices = [] }: Option, text: string): string {
  if (choices.includes(text)) return text;
  throw new UserError(
    `--${name}: unknown value '${text}'${suggestion(text, choices)} (known: ${choices.join(', ')})`,
  );
}

function methodsOf(text: string, known: readonly string[]): string[] {
  const names = text.split(',').map((name) => name.trim());
  names.forEach((name, i) => {
    if (name === '') throw new UserError(`--methods: an empty name in '${text}'`);
    if (!known.includes(name)) {
      throw new UserError(
        `--methods: unknown method '${name}'${suggestion(name, known)} (known: ${known.join(', ')})`,
      );
    }
    if (names.indexOf(name) !== i) throw new UserError(`--methods names '${name}' twice`);
  });
  return names;
}
