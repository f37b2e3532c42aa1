/** How a CSV file is written, as settings of the page; and what its reader found out. */
import { delimiterNames } from '../../datasets/csv/csv-dialect.ts';
import { type CsvTable, readCsv } from '../../datasets/csv/csv.ts';
import { valueOf } from '../../study/options/config.ts';
import { options } from '../../study/options/option-list.ts';
import { decodeTable } from '../../study/read/decode-table.ts';
import {
  type TableWriting,
  writingOf,
  writingOptions,
  type WritingValues,
} from '../../study/read/table-writing.ts';

export const writingNames: readonly string[] = Object.values(writingOptions).map(({ name }) => name);

/** What the worker is told of a text. */
export interface PageWriting extends TableWriting {
  readonly keepsMissing: boolean;
}

/** @throws UserError that names the option. */
export function writingIn(settings: ReadonlyMap<string, string>): PageWriting {
  const values = Object.fromEntries(
    Object.entries(writingOptions).map(([key, { name, default: standard }]) => {
      const text = settings.get(name);
      const option = options.find((each) => each.name === name)!;
      return [key, text === undefined ? standard : valueOf(option, text, [])];
    }),
  ) as unknown as WritingValues;
  return { ...writingOf(values), keepsMissing: (settings.get('missing') ?? 'refuse') !== 'refuse' };
}

/** What is wrong with one of them, whatever the others are. */
export function checkWriting(name: string, text: string): void {
  writingIn(new Map([[name, text]]));
}

/** @throws UserError or CsvError. */
export function readWritten(bytes: Uint8Array, name: string, writing: PageWriting) {
  const { encoding: told, keepsMissing, ...given } = writing;
  const { text, encoding } = decodeTable(bytes, name, told);
  const options = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const table = readCsv(text, { ...options, ...(keepsMissing ? { missing: 'keep' } : {}), where: name });
  return { table, found: foundOf(text, encoding, table) };
}

/** By option name, in words. */
function foundOf(text: string, encoding: string, { delimiter, hasHeader, notes, columns }: CsvTable) {
  // Numbers of a table that was read have one decimal sign; names of columns may hold anything.
  const body = hasHeader ? text.slice(text.search(/[\r\n]/)) : text;
  const hasComma = delimiter !== ',' && /\d,\d/.test(body);
  return {
    ...(columns.length > 1 || notes.length > 0 ? { delimiter: delimiterNames[delimiter] } : {}),
    decimal: hasComma ? 'commas' : /\d\.\d/.test(body) ? 'points' : 'no decimals',
    header: hasHeader ? 'the first line names the columns' : 'no line of names',
    encoding: encoding === 'utf-8' ? 'UTF-8' : encoding,
  };
}
