/** How a table of text is written, as options: what the reader finds out by itself can be told. */
import { UserError } from '../../base/errors.ts';
import { choice, integer, type Option, text } from '../../base/option.ts';
import type { Decimal, Thousands } from '../../datasets/csv/csv-number.ts';
import type { CsvWriting } from '../../datasets/csv/csv-opening.ts';
import type { Delimiter } from '../../datasets/csv/csv-records.ts';

/** What `readTable` is told of a text. */
export interface TableWriting extends CsvWriting {
  /** Whether the first line is one; undefined to find out. */
  readonly header: boolean | undefined;
  /** A label of the Encoding Standard; undefined for UTF-8, or UTF-16 with its mark. */
  readonly encoding?: string | undefined;
  /** What stands for a missing number, besides the usual texts. */
  readonly missingValues?: readonly string[] | undefined;
}

const missingValues: Option<string[] | undefined> = {
  name: 'missing-values',
  kind: 'columns',
  group: 'data',
  help: 'what else stands for a missing number, such as -999,none',
};

export const writingOptions = {
  delimiter: text({
    name: 'delimiter',
    elsewhere: ['sep', 'separator'],
    group: 'data',
    default: 'auto',
    help: 'between the cells of its lines: comma, semicolon, tab, bar, blanks, or the sign itself',
  }),
  decimal: text({
    name: 'decimal',
    group: 'data',
    default: 'auto',
    help: 'before the decimals of its numbers: point, comma, or the sign itself',
  }),
  thousands: text({
    name: 'thousands',
    group: 'data',
    default: 'none',
    help: 'between groups of three digits: point, comma, apostrophe, underscore, blank, or the sign itself',
  }),
  header: choice({
    name: 'header',
    group: 'data',
    choices: ['auto', 'yes', 'no'],
    default: 'auto',
    help: 'whether its first line names the columns',
  }),
  skipLines: integer({
    name: 'skip-lines',
    elsewhere: ['skiprows'],
    group: 'data',
    min: 0,
    max: 1_000_000,
    default: 0,
    help: 'lines above the table that are not read',
  }),
  encoding: text({
    name: 'encoding',
    group: 'data',
    default: 'auto',
    help: 'of its text, such as windows-1252 or utf-16le (UTF-8, or UTF-16 with a byte order mark)',
  }),
  missingValues,
};

export interface WritingValues {
  readonly delimiter: string;
  readonly decimal: string;
  readonly thousands: string;
  readonly header: string;
  readonly skipLines: number;
  readonly encoding: string;
  readonly missingValues?: readonly string[] | undefined;
}

/** What the readers call an option, in parentheses behind a cure, as the command line has it. */
export function withOptions(complaint: string): string {
  return complaint
    .replaceAll('(thousands or decimal)', '(--thousands or --decimal, and the sign)')
    .replaceAll(/\((exclude|thousands|decimal)( -?\d+)?\)/g, '(--$1$2)')
    .replaceAll(/\(skip lines: (\d+)\)/g, '(--skip-lines $1)')
    .replaceAll('(header: yes or no)', '(--header yes or --header no)');
}

const delimiters = { comma: ',', semicolon: ';', tab: '\t', '\\t': '\t', bar: '|', blanks: ' ' } as const;
const decimals = { point: '.', comma: ',' } as const;
const groups = { point: '.', comma: ',', apostrophe: "'", underscore: '_', blank: ' ' } as const;

/** @throws UserError that names the option. */
export function writingOf(values: WritingValues): TableWriting {
  const { delimiter, decimal, thousands, header, skipLines, encoding } = values;
  return {
    delimiter: signOf<Delimiter>('delimiter', delimiter, { auto: undefined, ...delimiters }),
    decimal: signOf<Decimal>('decimal', decimal, { auto: undefined, ...decimals }),
    thousands: signOf<Thousands>('thousands', thousands, { none: undefined, ...groups }),
    header: header === 'auto' ? undefined : header === 'yes',
    skipLines,
    encoding: encoding === 'auto' ? undefined : encodingOf(encoding),
    missingValues: values.missingValues,
  };
}

/** By its name, or as it is. */
function signOf<T extends string>(
  option: string,
  text: string,
  known: Readonly<Record<string, T | undefined>>,
): T | undefined {
  if (Object.hasOwn(known, text)) return known[text];
  const sign = Object.values(known).find((each) => each === text);
  if (sign !== undefined) return sign;
  const words = Object.keys(known).filter((word) => /^\w/.test(word));
  throw new UserError(
    `--${option}: unknown value '${text}' (known: ${words.join(', ')}, or the sign itself)`,
  );
}

function encodingOf(label: string): string {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    throw new UserError(
      `--encoding: unknown encoding '${label}'; wants one such as utf-8, windows-1252, utf-16le`,
    );
  }
}
