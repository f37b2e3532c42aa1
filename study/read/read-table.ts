/** A file or folder as a table: CSV, Parquet, or the layout of the UCI benchmark; with what a run folder keeps of it. */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { type ColumnReference, placeOf, placesOf } from '../../datasets/columns.ts';
import { readCsv } from '../../datasets/csv/csv.ts';
import { csvColumns } from '../../datasets/csv/csv-columns.ts';
import { delimiterNames } from '../../datasets/csv/csv-dialect.ts';
import { CsvError } from '../../datasets/csv/csv-error.ts';
import type { Table } from '../../datasets/dataset.ts';
import { DatasetError } from '../../datasets/dataset-error.ts';
import { FileError } from '../../datasets/file-error.ts';
import { readSplit } from '../../datasets/index-file.ts';
import type { RowSplit } from '../../datasets/row-splits.ts';
import { isUciFolder, readUciFolder } from '../../datasets/uci-folder.ts';
import { UserError } from '../../base/errors.ts';
import { formatCount } from '../../base/format.ts';
import { decodeTable } from './decode-table.ts';
import { gunzipped, isGzip, isParquet, refuseOthers } from './file-kind.ts';
import { openFolder } from './node-folder.ts';
import { readBytes } from './read-bytes.ts';
import { readParquetTable } from './read-parquet.ts';
import { type TableWriting, withOptions } from './table-writing.ts';

/** What a file has, before its rows are read. */
export interface FoundColumns {
  readonly columns: readonly string[];
  /** Without names its columns are numbered. */
  readonly hasHeader: boolean;
}

export interface TableOptions extends TableWriting {
  /** Which to read, perhaps by what there is; all if left out. */
  columns: readonly string[] | ((found: FoundColumns) => readonly string[]) | undefined;
  /** Which not to read. */
  exclude?: readonly string[] | undefined;
  /** What is read too where `columns` chooses: targets, a teacher's predictions. */
  also?: readonly string[];
  /** The column that says which rows belong together. */
  group: string | undefined;
  /** The column that names classes, or true for the last one that is read; none if left out. */
  classes?: string | true | undefined;
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
  /** What could be read in two ways, a line each. */
  readonly notes: readonly string[];
  /** For config.json: enough to tell whether it is the same file, read the same way. */
  readonly record: Readonly<Record<string, unknown>>;
}

/** JavaScript's strings are not longer. */
const MOST_BYTES = 500_000_000;

/**
 * @throws UserError with the file's name: it cannot be read, or is no table of numbers; then with up to ten places. StoppedError
 * if the signal says so.
 */
export async function readTable(
  path: string,
  options: TableOptions,
  signal?: AbortSignal,
): Promise<TableFile> {
  try {
    const file = isFolder(path) ? await uciTable(path, options) : await fileTable(path, options, signal);
    if (options.split.length === 0) return file;
    return { ...file, splits: await splitsOf(options.split, file.table, path, signal) };
  } catch (error) {
    if (error instanceof CsvError || error instanceof FileError || error instanceof DatasetError) {
      const message = withOptions(error.message);
      throw new UserError(isFolder(path) && !message.startsWith(path) ? `${path}: ${message}` : message, {
        cause: error,
      });
    }
    throw error;
  }
}

async function fileTable(
  path: string,
  options: TableOptions,
  signal: AbortSignal | undefined,
): Promise<TableFile> {
  const { group, classes, keepsMissing, missingValues } = options;
  const packed = await readBytes(path, { most: MOST_BYTES, signal });
  const bytes = isGzip(packed) ? await gunzipped(packed, path, { most: MOST_BYTES, signal }) : packed;
  const given = { group, missing: keepsMissing ? ('keep' as const) : undefined, where: path };
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const of = (table: Table, how: string, record: object, notes: readonly string[] = []): TableFile => ({
    table,
    splits: [],
    targets: [],
    description: `${path}: ${sizeOf(table)} (${how})`,
    notes: notes.map((note) => `${path}: ${withOptions(note)}`),
    record: { sha256, rows: table.rows, columns: table.columns, ...record },
  });
  if (isParquet(bytes) || path.endsWith('.parquet')) {
    const ofClasses = { ...given, classes };
    const choose = (names: readonly string[]) => chosen({ columns: names, hasHeader: true }, options, path);
    return of(await readParquetTable(bytes, { ...ofClasses, missingValues }, choose), 'Parquet', {});
  }
  refuseOthers(bytes, path);
  const { text, encoding } = decodeTable(bytes, path, options.encoding);
  const { delimiter: told, decimal, thousands, header, skipLines } = options;
  const writing = { delimiter: told, decimal, thousands, skipLines };
  const columns = chosen(csvColumns(text, { ...writing, header }), options, path);
  const { delimiter, hasHeader, notes, ...table } = readCsv(
    text,
    whatIsGiven({ ...writing, ...given, classes, header, columns, missingValues }),
  );
  const how = `${delimiterNames[delimiter]} between cells, ${hasHeader ? 'a' : 'no'} header`;
  return of(
    table,
    encoding === 'utf-8' ? how : `${how}, ${encoding}`,
    {
      delimiter,
      header: hasHeader,
      ...whatIsGiven({ decimal, thousands, skipLines: skipLines || undefined, missingValues }),
    },
    notes,
  );
}

/** Only what is there: readers refuse unknown options, and records are short. */
function whatIsGiven<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

/** By their places in the file, so that names that are there twice, and those without, can be told apart. */
function chosen(
  found: FoundColumns,
  { columns, exclude, also = [] }: TableOptions,
  path: string,
): ColumnReference[] | undefined {
  if (typeof columns === 'function') return [...columns(found)];
  if (!columns && !exclude) return undefined;
  const of = (option: string) => (problem: string) => {
    throw new UserError(`${path}: --${option}: ${problem}`);
  };
  const places = columns ? placesOf(found.columns, columns, of('columns')) : [...found.columns.keys()];
  const more = columns ? also.map((name) => placeOf(found.columns, name, of('target'))) : [];
  const left = new Set(exclude ? placesOf(found.columns, exclude, of('exclude')) : []);
  return [...new Set([...places, ...more])].filter((place) => !left.has(place));
}

async function uciTable(path: string, options: TableOptions): Promise<TableFile> {
  const { columns, exclude, group, keepsMissing } = options;
  const folder = openFolder(path);
  const names = await folder.list('');
  if (!isUciFolder(names)) throw new UserError(`${path} is ${folderText(path, names)}`);
  if (typeof columns === 'function') throw new UserError(`${path} is a folder; wants a file`);
  if (columns || exclude || group)
    throw new UserError(
      `${path} has its own lists of columns and rows; --columns, --exclude and --group are for files`,
    );
  const { table, targets, splits } = await readUciFolder(folder, {
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
    notes: [],
    record: { sha256: hash.digest('hex'), rows: table.rows, columns: table.columns, splits: splits.length },
  };
}

/** What a folder is that is no table. */
function folderText(path: string, names: readonly string[]): string {
  if (names.includes('Data')) return `a folder of MPIIGaze; say mpiigaze:${path}`;
  if (names.some((name) => /^session0[1-4]$/.test(name)))
    return `a folder of Multi-PIE; say multipie:${path}`;
  if (names.includes('weights') && names.includes('config.json'))
    return `the folder of a run; --data wants a table, and predict takes it by --model`;
  const files = names.filter((name) => /\.(csv|tsv|txt|parquet|gz)$/.test(name)).slice(0, 3);
  const hint = files.length > 0 ? `, such as ${path}/${files.join(' or ')}` : '';
  return `a folder; wants a file${hint}, or a folder with data.txt, index_features.txt and index_target.txt`;
}

/** Pairs of files: rows to train on, rows to test on. */
async function splitsOf(
  paths: readonly string[],
  { rows }: Table,
  of: string,
  signal: AbortSignal | undefined,
): Promise<RowSplit[]> {
  if (paths.length % 2 !== 0)
    throw new UserError(
      `--split wants files in pairs, TRAIN,TEST or TRAIN,TEST,TRAIN,TEST, …; got ${paths.length}`,
    );
  const read = async (where: string) => ({
    where,
    text: new TextDecoder().decode(await readBytes(where, { most: MOST_BYTES, signal })),
  });
  const splits: RowSplit[] = [];
  for (let k = 0; k < paths.length; k += 2)
    splits.push(readSplit(await read(paths[k]!), await read(paths[k + 1]!), { rows, of }));
  return splits;
}

function sizeOf({ rows, columns }: Table): string {
  return `${formatCount(rows)} rows, ${columns.length} columns`;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
