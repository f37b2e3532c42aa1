/** A file or folder as a table: CSV, Parquet, or the layout of the UCI benchmark; with what a run folder keeps of it. */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { readCsv } from '../../datasets/csv/csv.ts';
import { csvColumns } from '../../datasets/csv/csv-columns.ts';
import { delimiterNames } from '../../datasets/csv/csv-dialect.ts';
import { CsvError } from '../../datasets/csv/csv-error.ts';
import type { Table } from '../../datasets/dataset.ts';
import { DatasetError } from '../../datasets/dataset-error.ts';
import { FileError } from '../../datasets/file-error.ts';
import { readSplit } from '../../datasets/index-file.ts';
import type { RowSplit } from '../../datasets/row-splits.ts';
import { readUciFolder } from '../../datasets/uci-folder.ts';
import { UserError } from '../../base/errors.ts';
import { formatCount } from '../../base/format.ts';
import { openFolder } from './node-folder.ts';
import { readBytes } from './read-bytes.ts';
import { withPackage } from './with-package.ts';

/** What a file has, before its rows are read. */
export interface FoundColumns {
  readonly columns: readonly string[];
  /** Without names its columns are numbered. */
  readonly hasHeader: boolean;
}

export interface TableOptions {
  /** Which to read, perhaps by what there is; all if left out. */
  columns: readonly string[] | ((found: FoundColumns) => readonly string[]) | undefined;
  /** Whether the first line is one; undefined to find out. */
  header: boolean | undefined;
  /** The column that says which rows belong together. */
  group: string | undefined;
  /** Files with the numbers of training and test rows, in turn; none deals the rows at random. */
  split: string[];
  /** Whether missing numbers are kept, for a rule of the study. */
  keepsMissing: boolean;
}

export interface TableFile {
  readonly table: Table;
  /** Seed s takes split s mod n; none deals the rows at random. */
  readonly splits: readonly RowSplit[];
  /** What to predict where the user does not say; empty for the last column. */
  readonly targets: readonly string[];
  /** One line for people. */
  readonly description: string;
  /** For config.json: enough to tell whether it is the same file, read the same way. */
  readonly record: Readonly<Record<string, unknown>>;
}

/** JavaScript's strings are not longer. */
const MOST_BYTES = 500_000_000;

/** @throws UserError with the file's name: it cannot be read, or is no table of numbers; then with up to ten places. */
export async function readTable(path: string, options: TableOptions): Promise<TableFile> {
  try {
    const file = isFolder(path) ? await uciTable(path, options) : await fileTable(path, options);
    return options.split.length > 0 ? { ...file, splits: splitsOf(options.split, file.table, path) } : file;
  } catch (error) {
    if (error instanceof CsvError || error instanceof FileError || error instanceof DatasetError) {
      const { message } = error;
      throw new UserError(isFolder(path) && !message.startsWith(path) ? `${path}: ${message}` : message, {
        cause: error,
      });
    }
    if (error instanceof TypeError)
      throw new UserError(`${path} is not UTF-8 text; save it as UTF-8`, { cause: error });
    throw error;
  }
}

async function fileTable(
  path: string,
  { columns, header, group, keepsMissing }: TableOptions,
): Promise<TableFile> {
  const bytes = readBytes(path, { most: MOST_BYTES });
  const missing = keepsMissing ? ('keep' as const) : undefined;
  const given = { group, missing, where: path };
  const chosen = (find: () => FoundColumns) => (typeof columns === 'function' ? columns(find()) : columns);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const of = (table: Table, how: string, record: object): TableFile => ({
    table,
    splits: [],
    targets: [],
    description: `${path}: ${sizeOf(table)} (${how})`,
    record: { sha256, rows: table.rows, columns: table.columns, ...record },
  });
  if (path.endsWith('.parquet')) {
    const parquet = await withPackage('hyparquet', () => import('../../datasets/parquet.ts'));
    const names = () => parquet.parquetColumns(bytes, { where: path }).map(({ name }) => name);
    const read = { ...given, columns: chosen(() => ({ columns: names(), hasHeader: true })) };
    return of(await parquet.readParquet(bytes, read), 'Parquet', {});
  }
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  const read = { ...given, header, columns: chosen(() => csvColumns(text, { header })) };
  const { delimiter, hasHeader, ...table } = readCsv(text, read);
  const how = `${delimiterNames[delimiter]} between cells, ${hasHeader ? 'a' : 'no'} header`;
  return of(table, how, { delimiter, header: hasHeader });
}

async function uciTable(path: string, { columns, group, keepsMissing }: TableOptions): Promise<TableFile> {
  if (typeof columns === 'function') throw new UserError(`${path} is a folder; wants a file`);
  if (columns || group)
    throw new UserError(`${path} has its own lists of columns and rows; --columns and --group are for files`);
  const { table, targets, splits } = await readUciFolder(openFolder(path), {
    missing: keepsMissing ? 'keep' : undefined,
  });
  const hash = createHash('sha256').update(JSON.stringify(table.columns));
  hash.update(new Uint8Array(Float64Array.from(table.values).buffer));
  for (const { train, test } of splits) hash.update(JSON.stringify([[...train], [...test]]));
  return {
    table,
    splits,
    targets,
    description: `${path}: ${sizeOf(table)}, ${splits.length} published splits`,
    record: { sha256: hash.digest('hex'), rows: table.rows, columns: table.columns, splits: splits.length },
  };
}

/** Pairs of files: rows to train on, rows to test on. */
function splitsOf(paths: readonly string[], { rows }: Table, of: string): RowSplit[] {
  if (paths.length % 2 !== 0)
    throw new UserError(
      `--split wants files in pairs, TRAIN,TEST or TRAIN,TEST,TRAIN,TEST, …; got ${paths.length}`,
    );
  const read = (where: string) => ({
    where,
    text: new TextDecoder().decode(readBytes(where, { most: MOST_BYTES })),
  });
  return Array.from({ length: paths.length / 2 }, (_, k) =>
    readSplit(read(paths[2 * k]!), read(paths[2 * k + 1]!), { rows, of }),
  );
}

function sizeOf({ rows, columns }: Table): string {
  return `${formatCount(rows)} rows, ${columns.length} columns`;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
