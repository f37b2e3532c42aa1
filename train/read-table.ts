/** A CSV file as a table, with what a run folder keeps of it. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { readCsv } from '../datasets/csv.ts';
import { type CsvColumns, csvColumns } from '../datasets/csv-columns.ts';
import { CsvError } from '../datasets/csv-error.ts';
import type { Table } from '../datasets/dataset.ts';
import { reasonOf, UserError } from './errors.ts';
import { formatCount } from './format.ts';

export interface TableOptions {
  /** Which to read, perhaps by what there is; all if left out. */
  columns: readonly string[] | ((found: CsvColumns) => readonly string[]) | undefined;
  /** Whether the first line is one; undefined to find out. */
  header: boolean | undefined;
}

export interface TableFile {
  readonly table: Table;
  /** One line for people. */
  readonly description: string;
  /** For config.json: enough to tell whether it is the same file, read the same way. */
  readonly record: Readonly<Record<string, unknown>>;
}

/** JavaScript's strings are not longer. */
const MOST_BYTES = 500_000_000;

const delimiterNames = { ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'bars', ' ': 'blanks' };

/** @throws UserError with the file's name: it cannot be read, or is no table of numbers; then with up to ten places. */
export function readTable(path: string, { columns, header }: TableOptions): TableFile {
  const bytes = bytesOf(path);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const chosen = typeof columns === 'function' ? columns(csvColumns(text, { header })) : columns;
    const { delimiter, hasHeader, ...table } = readCsv(text, { columns: chosen, header, where: path });
    const between = delimiterNames[delimiter];
    const size = `${formatCount(table.rows)} rows, ${table.columns.length} columns`;
    return {
      table,
      description: `${path}: ${size} (${between} between cells, ${hasHeader ? 'a' : 'no'} header)`,
      record: {
        sha256: createHash('sha256').update(bytes).digest('hex'),
        rows: table.rows,
        columns: table.columns,
        delimiter,
        header: hasHeader,
      },
    };
  } catch (error) {
    if (error instanceof CsvError) throw new UserError(error.message, { cause: error });
    if (error instanceof TypeError)
      throw new UserError(`${path} is not UTF-8 text; save it as UTF-8`, { cause: error });
    throw error;
  }
}

function bytesOf(path: string): Uint8Array {
  try {
    const { size } = statSync(path);
    if (size > MOST_BYTES)
      throw new UserError(
        `${path} has ${formatCount(size)} bytes; at most ${formatCount(MOST_BYTES)} are read`,
      );
    return readFileSync(path);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`cannot read ${path}: ${reasonOf(error)}`, { cause: error });
  }
}
