/** Tables from Parquet files, through the package hyparquet: `limbeck/parquet`. */
import { type Compressors, type FileMetaData, parquetMetadata, parquetRead, parquetSchema } from 'hyparquet';
import { type ColumnReference, placeOf, placesOf } from './columns.ts';
import type { Table } from './dataset.ts';
import { DatasetError } from './dataset-error.ts';
import { FileError, type FileFault, quoted } from './file-error.ts';
import { describeColumn, numberOfCell, type ParquetColumn } from './parquet-column.ts';

export type { ParquetColumn } from './parquet-column.ts';

/** All that is wrong with the bytes of a Parquet file. What is wrong with its columns is a DatasetError. */
export class ParquetError extends FileError {
  override readonly name = 'ParquetError';
}

export interface ParquetOptions {
  /** What errors call the file. */
  readonly where?: string;
  /** The columns to read, in this order. If left out all but an index of pandas (`__index_level_0__`). */
  readonly columns?: readonly ColumnReference[];
  /** The column that says which rows belong together; it may hold text and is none of the columns. */
  readonly group?: ColumnReference;
  /** What becomes of nulls and NaN: an error if left out, or NaN. */
  readonly missing?: 'keep';
  /** Those of the package hyparquet-compressors, for files that are packed otherwise than by snappy. */
  readonly compressors?: Compressors;
  /** Memory that the columns may take, by what the file says of itself; 2^31 if left out. */
  readonly maxBytes?: number;
}

const PANDAS_INDEX = /^__index_level_\d+__$/;

/** The columns of a file, and what each holds; nothing but its end is looked at. */
export function parquetColumns(
  bytes: Uint8Array,
  { where = 'parquet' }: { where?: string } = {},
): ParquetColumn[] {
  return new ParquetReader(bytes, { where }).columns;
}

/**
 * Numbers and booleans (as 0 and 1), as float64: integers exactly or not at all, decimals as numbers.
 *
 * @throws ParquetError where the bytes are no Parquet file, it is packed in a way that wants `compressors`, or larger than
 *   `maxBytes`; DatasetError, with column and row, where a column holds something else, a number is missing and was not to
 *   be kept, beyond float32 or not finite, or an integer is beyond 2^53. hyparquet takes the pages as its writer made
 *   them: a damaged file, where it is not refused, may take long or give other numbers.
 */
export async function readParquet(bytes: Uint8Array, options: ParquetOptions = {}): Promise<Table> {
  return new ParquetReader(bytes, options).read();
}

class ParquetReader {
  readonly columns: ParquetColumn[];
  readonly #bytes: Uint8Array;
  readonly #options: ParquetOptions;
  readonly #where: string;
  readonly #metadata: FileMetaData;
  readonly #rows: number;

  constructor(bytes: Uint8Array, options: ParquetOptions) {
    this.#bytes = bytes;
    this.#options = options;
    this.#where = options.where ?? 'parquet';
    try {
      this.#metadata = parquetMetadata(bytes, { geoparquet: false });
      this.#rows = Number(this.#metadata.num_rows);
      this.columns = parquetSchema(this.#metadata).children.map(({ element, children }) =>
        describeColumn(element.name, element, children.length > 0),
      );
      if (this.columns.some(({ name }) => name === undefined)) throw new Error('a column has no name');
    } catch (error) {
      throw this.#broken(error);
    }
  }

  async read(): Promise<Table> {
    const names = this.columns.map(({ name }) => name);
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) this.#fail(`two columns are called ${quoted(twice)}; rename one`);
    const { columns, group } = this.#options;
    const fail = (problem: string) => this.#fail(problem);
    const groupAt = group === undefined ? -1 : placeOf(names, group, fail);
    const places = columns
      ? placesOf(names, columns, fail)
      : [...names.keys()].filter((i) => !PANDAS_INDEX.test(names[i]!));
    const chosen = places.filter((place) => place !== groupAt).map((place) => this.columns[place]!);
    for (const { name, type, isNumeric } of chosen)
      if (!isNumeric)
        this.#fail(
          `column ${quoted(name)} is of type ${type}, not a number; leave it out by choosing the other columns`,
        );
    if (chosen.length === 0) this.#fail('no column of numbers is left; a table has at least one');
    if (this.#rows === 0) this.#fail('there are no rows; a table has at least one');
    const groupName = groupAt < 0 ? undefined : names[groupAt]!;
    const wanted = [...chosen.map(({ name }) => name), ...(groupName === undefined ? [] : [groupName])];
    this.#checkChunks(wanted);
    const cells = await this.#cellsOf(wanted);
    const values = new Float64Array(this.#rows * chosen.length);
    for (const [i, { name }] of chosen.entries())
      this.#fill(values, cells.get(name)!, { place: i, of: chosen.length, name });
    return {
      columns: chosen.map(({ name }) => name),
      rows: this.#rows,
      values,
      ...(groupName === undefined ? {} : { groups: this.#groupsOf(cells.get(groupName)!, groupName) }),
    };
  }

  /** Before anything is unpacked: whether it can be, and how much it takes. */
  #checkChunks(names: readonly string[]): void {
    const { compressors, maxBytes = 2 ** 31 } = this.#options;
    let bytes = this.#rows * names.length * 8;
    for (const { columns } of this.#metadata.row_groups)
      for (const { meta_data: chunk } of columns) {
        if (!chunk || !names.includes(chunk.path_in_schema[0]!)) continue;
        bytes += Number(chunk.total_uncompressed_size);
        if (!['UNCOMPRESSED', 'SNAPPY'].includes(chunk.codec) && !compressors?.[chunk.codec])
          throw this.#error(
            `column ${quoted(chunk.path_in_schema[0]!)} is packed by ${chunk.codec}; give the compressors of the package ` +
              'hyparquet-compressors, or write the file with snappy',
            'unsupported',
          );
      }
    if (!(bytes <= maxBytes))
      throw this.#error(
        `wants ${bytes} bytes of memory, of ${maxBytes}; raise maxBytes if you trust the file`,
        'limit',
      );
  }

  /** By column, a cell for each row. */
  async #cellsOf(names: string[]): Promise<Map<string, unknown[]>> {
    const cells = new Map(names.map((name) => [name, new Array<unknown>(this.#rows)]));
    const counts = new Map(names.map((name) => [name, 0]));
    const chunks: { columnName: string; columnData: ArrayLike<unknown>; rowStart: number }[] = [];
    try {
      await parquetRead({
        file: {
          byteLength: this.#bytes.length,
          slice: (from, to) => this.#bytes.slice(from, to).buffer as ArrayBuffer,
        },
        metadata: this.#metadata,
        columns: names,
        compressors: this.#options.compressors,
        onChunk: (chunk) => chunks.push(chunk),
      });
    } catch (error) {
      throw this.#broken(error);
    }
    for (const { columnName, columnData, rowStart } of chunks) {
      const column = cells.get(columnName);
      if (!column) continue;
      counts.set(columnName, counts.get(columnName)! + columnData.length);
      for (let i = 0; i < columnData.length; i++) column[rowStart + i] = columnData[i];
    }
    for (const [name, count] of counts)
      if (count !== this.#rows)
        throw this.#error(`column ${quoted(name)} has ${count} values for ${this.#rows} rows`);
    return cells;
  }

  #fill(
    values: Float64Array,
    cells: readonly unknown[],
    { place, of, name }: { place: number; of: number; name: string },
  ): void {
    for (const [row, cell] of cells.entries())
      values[row * of + place] = numberOfCell(cell, (problem) => this.#failAt(name, row, problem));
    if (this.#options.missing === 'keep') return;
    const isMissing = (row: number) => Number.isNaN(values[row * of + place]);
    const missing = [...cells.keys()].filter(isMissing);
    if (missing.length === 0) return;
    const count =
      missing.length === 1 ? 'a missing number' : `the first of ${missing.length} missing numbers`;
    this.#failAt(
      name,
      missing[0]!,
      `${count}; fill it in, remove the row, or say what to do about missing numbers`,
    );
  }

  #groupsOf(cells: readonly unknown[], name: string): string[] {
    return cells.map((cell, row) => {
      if (['string', 'number', 'bigint', 'boolean'].includes(typeof cell)) return String(cell);
      const came = cell === null || cell === undefined ? 'nothing' : typeof cell;
      return this.#failAt(name, row, `wants the row's group as text or a number, got ${came}`);
    });
  }

  #failAt(name: string, row: number, problem: string): never {
    return this.#fail(`column ${quoted(name)}, row ${row} (from 0): ${problem}`);
  }

  #fail(problem: string): never {
    throw new DatasetError(this.#where, problem);
  }

  #broken(error: unknown): ParquetError {
    const reason = error instanceof Error ? error.message : String(error);
    return this.#error(`the file cannot be read (${reason})`);
  }

  #error(problem: string, fault?: FileFault): ParquetError {
    return new ParquetError({ where: this.#where, offset: 0 }, problem, fault);
  }
}
