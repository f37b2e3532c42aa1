/** Tables from Parquet files, through the package hyparquet: `limbeck/parquet`. */
import { type Compressors, type FileMetaData, parquetMetadata, parquetRead, parquetSchema } from 'hyparquet';
import { checkBytes, checkChoice, checkNumber, checkOptions } from '../base/borders.ts';
import { checkColumns, checkColumn, type ColumnReference, placeOf, placesOf } from './columns.ts';
import type { Table } from './dataset.ts';
import { DatasetError } from './dataset-error.ts';
import { FileError, type FileFault } from './file-error.ts';
import { describeGap } from './missing.ts';
import { writeClasses } from './class-column.ts';
import { describeColumn, groupOfCell, numberOfCell, type ParquetColumn } from './parquet-column.ts';

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
  /** The column that names a class for each row, text or whole numbers; true for the last one that is read. See `Table.classes`. */
  readonly classes?: ColumnReference | true;
  /** What becomes of nulls and NaN: an error if left out, or NaN. */
  readonly missing?: 'keep';
  /** Those of the package hyparquet-compressors, for files that are packed otherwise than by snappy. */
  readonly compressors?: Compressors;
  /** Memory that the columns may take, by what the file says of itself; 2^31 if left out. */
  readonly maxBytes?: number;
}

interface Chunk {
  readonly columnName: string;
  readonly columnData: ArrayLike<unknown>;
  readonly rowStart: number;
}

const PANDAS_INDEX = /^__index_level_\d+__$/;

/** The columns of a file, and what each holds; nothing but its end is looked at. */
export function parquetColumns(bytes: Uint8Array, options: { where?: string } = {}): ParquetColumn[] {
  checkBytes('parquetColumns', bytes);
  checkOptions('parquetColumns', options, 'where');
  return new ParquetReader(bytes, options).columns;
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
  checkBytes('readParquet', bytes);
  checkOptions('readParquet', options, 'where columns group classes missing compressors maxBytes');
  checkColumns('readParquet', options.columns);
  checkColumn('readParquet', 'group', options.group);
  checkChoice('readParquet', 'missing', options.missing, ['keep']);
  checkNumber('readParquet', 'maxBytes', options.maxBytes ?? 0, { from: 0, to: Infinity });
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
    // Of Node's Buffer, slice() would copy nothing.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
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
    const seen = new Set<string>();
    const twice = names.find((name) => seen.size === seen.add(name).size);
    if (twice !== undefined) this.#fail(`two columns are called '${twice}'; rename one`);
    const { columns, group } = this.#options;
    const fail = (problem: string) => this.#fail(problem);
    const groupAt = group === undefined ? -1 : placeOf(names, group, fail);
    const asked = columns
      ? placesOf(names, columns, fail)
      : [...names.keys()].filter((i) => !PANDAS_INDEX.test(names[i]!));
    const chosen = asked.filter((place) => place !== groupAt).map((place) => this.columns[place]!);
    const { classes } = this.#options;
    const classAt =
      classes === undefined
        ? undefined
        : classes === true
          ? asked.filter((place) => place !== groupAt).at(-1)
          : placeOf(names, classes, fail);
    const className = classAt === undefined ? undefined : names[classAt]!;
    for (const { name, type, isNumeric } of chosen)
      if (!isNumeric && name !== className)
        this.#fail(
          `column '${name}' is of type ${type}, not a number; leave it out by choosing the other columns`,
        );
    if (chosen.length === 0) this.#fail('no column of numbers is left; a table has at least one');
    if (this.#rows === 0) this.#fail('there are no rows; a table has at least one');
    const groupName = groupAt < 0 ? undefined : names[groupAt]!;
    const wanted = [...chosen.map(({ name }) => name), ...(groupName === undefined ? [] : [groupName])];
    this.#checkChunks(wanted);
    const places = new Map(chosen.map(({ name }, place) => [name, place]));
    const values = new Float64Array(this.#rows * chosen.length);
    const groups: string[] = [];
    const classNames: (string | undefined)[] = [];
    for (const { columnName: name, columnData: cells, rowStart } of await this.#chunksOf(wanted)) {
      const place = places.get(name);
      let row = rowStart;
      const fail = (problem: string) => this.#fail(`column '${name}', row ${row} (from 0): ${problem}`);
      for (let i = 0; i < cells.length; i++, row++) {
        if (place === undefined) groups[row] = groupOfCell(cells[i], fail);
        else if (name === className) {
          classNames[row] =
            cells[i] === null || cells[i] === undefined ? undefined : groupOfCell(cells[i], fail);
          values[row * chosen.length + place] = classNames[row] === undefined ? NaN : 0;
        } else values[row * chosen.length + place] = numberOfCell(cells[i], fail);
      }
    }
    const classColumn = className === undefined ? {} : this.#numbered(className, classNames, values, places);
    const fileColumns = places.size < names.length ? { fileColumns: names } : {};
    const table = { columns: [...places.keys()], rows: this.#rows, values, ...classColumn, ...fileColumns };
    const gap = this.#options.missing === 'keep' ? undefined : describeGap(table);
    if (gap) this.#fail(`${gap}; fill it in, remove the row, or say what to do about missing numbers`);
    return groupName === undefined ? table : { ...table, groups };
  }

  #numbered(
    column: string,
    texts: readonly (string | undefined)[],
    values: Float64Array,
    places: ReadonlyMap<string, number>,
  ): Pick<Table, 'classes'> {
    try {
      const where = { values, width: places.size, place: places.get(column)! };
      return { classes: writeClasses(column, texts, where) };
    } catch (error) {
      return this.#fail((error as Error).message);
    }
  }

  /** Before anything is unpacked: whether it can be, and how much it takes. */
  #checkChunks(names: readonly string[]): void {
    const { compressors, maxBytes = 2 ** 31 } = this.#options;
    const wanted = new Set(names);
    let bytes = this.#rows * names.length * 8;
    for (const { columns } of this.#metadata.row_groups)
      for (const { meta_data: chunk } of columns) {
        if (!chunk || !wanted.has(chunk.path_in_schema[0]!)) continue;
        bytes += Number(chunk.total_uncompressed_size);
        if (!['UNCOMPRESSED', 'SNAPPY'].includes(chunk.codec) && !compressors?.[chunk.codec])
          throw this.#error(
            `column '${chunk.path_in_schema[0]!}' is packed by ${chunk.codec}; give the compressors of the package ` +
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

  /** Runs of cells, which together are each column once. */
  async #chunksOf(names: string[]): Promise<Chunk[]> {
    const chunks: Chunk[] = [];
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
    const byName = new Map<string, Chunk[]>(names.map((name) => [name, []]));
    for (const chunk of chunks) byName.get(chunk.columnName)?.push(chunk);
    for (const name of names) {
      const runs = byName.get(name)!;
      const count = runs.reduce((sum, { columnData }) => sum + columnData.length, 0);
      const end = Math.max(...runs.map(({ rowStart, columnData }) => rowStart + columnData.length));
      if (count !== this.#rows || end !== this.#rows)
        throw this.#error(`column '${name}' has ${count} values for ${this.#rows} rows`);
    }
    return names.flatMap((name) => byName.get(name)!);
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
