/** Reads a table of numbers from CSV text. Strict: what is no finite number in a full row is an error with its place. */
import { checkChoice, checkOptions, checkText } from '../../base/borders.ts';
import { checkColumns, checkColumn, type ColumnReference, placeOf, placesOf } from '../columns.ts';
import { CsvComplaints, lineAt } from './csv-complaints.ts';
import { delimiterOf, delimiters, isEmpty, isHeader, isMissing, numberOf } from './csv-dialect.ts';
import type { CsvError } from './csv-error.ts';
import { type CsvRecord, csvRecords, type Delimiter } from './csv-records.ts';
import type { Table } from '../dataset.ts';

export interface CsvOptions {
  /** Between cells; ' ' means runs of blanks. Found from the text if left out. */
  delimiter?: Delimiter;
  /** Whether the first line names the columns. If left out it does where none of its cells is a number. */
  header?: boolean;
  /** The columns to read, in this order; all if left out. What stands in the others is not looked at. */
  columns?: readonly ColumnReference[];
  /** The column that says which rows belong together. It is read as text and is none of the columns. */
  group?: ColumnReference;
  /** What becomes of a missing number: an error if left out, or NaN. */
  missing?: 'keep';
  /** What errors call the text, such as a file's name. */
  where?: string;
}

/** A table, and how its text was read. */
export interface CsvTable extends Table {
  readonly delimiter: Delimiter;
  readonly hasHeader: boolean;
}

/**
 * Numbers are written as 1, -1.5, +1, .5, 1e-3; where semicolons delimit, 1,5 is one and a half, if no number of the
 * text has a decimal point. Values are float64. Columns without a header are called column1, column2, ….
 *
 * An empty cell, ?, NA, N/A, NaN, null and the like, in any case, are missing numbers: see `completeRows` and `impute`.
 *
 * Cells may be quoted (RFC 4180). A byte order mark, any line ends, blanks around cells and empty lines at the end are
 * fine; comments are not.
 *
 * @throws CsvError with the first ten places: a missing number unless kept, text, infinity, a number beyond float32, a
 *   row with another number of cells, an empty line between rows, a column without a name or with another's, no rows at
 *   all.
 */
export function readCsv(text: string, options: CsvOptions = {}): CsvTable {
  checkText('readCsv', 'the table', text);
  checkOptions('readCsv', options, 'delimiter header columns group missing where');
  checkChoice('readCsv', 'delimiter', options.delimiter, delimiters);
  checkChoice('readCsv', 'header', options.header, [true, false]);
  checkChoice('readCsv', 'missing', options.missing, ['keep']);
  checkColumns('readCsv', options.columns);
  checkColumn('readCsv', 'group', options.group);
  return new CsvReader(text, options).read();
}

const INFINITE = /^[+-]?inf(inity)?$/i;
const FLOAT32_MAX = 3.4028234663852886e38;

class CsvReader {
  readonly #text: string;
  readonly #options: CsvOptions;
  readonly #delimiter: Delimiter;
  readonly #complaints: CsvComplaints;
  readonly #values: number[] = [];
  #first: CsvRecord | undefined;
  #hasHeader = false;
  #names: readonly string[] = [];
  /** Places of the columns to read. */
  #chosen: readonly number[] = [];
  /** Place of the column of groups, -1 without one. */
  #group = -1;
  readonly #groups: string[] = [];
  /** The first numbers with a decimal point and with a comma, where semicolons delimit. */
  readonly #decimals: Partial<Record<'point' | 'comma', { at: number; column: number }>> = {};

  constructor(text: string, options: CsvOptions) {
    this.#text = text;
    this.#options = options;
    this.#delimiter = options.delimiter ?? delimiterOf(text);
    this.#complaints = new CsvComplaints(text, options.where ?? 'csv');
  }

  read(): CsvTable {
    let rows = 0;
    let empty: CsvRecord | undefined;
    for (const record of csvRecords(this.#text, this.#delimiter)) {
      if (isEmpty(record)) {
        empty ??= record;
        continue;
      }
      if (empty) this.#complaints.add(empty.start, 0, 'an empty line before the last row; remove it');
      empty = undefined;
      if (!this.#first) {
        this.#begin(record);
        if (this.#hasHeader) continue;
      }
      this.#addRow(record);
      rows++;
    }
    this.#checkDecimals();
    if (!this.#first) throw this.#error('the text is empty; a table has at least one row');
    if (!this.#complaints.isEmpty) throw this.#complaints.error(rows, this.#hasHeader ? this.#names : []);
    if (rows === 0) throw this.#error('a header and no rows; if it is data, say that there is no header');
    return {
      columns: this.#chosen.map((i) => this.#names[i]!),
      rows,
      values: Float64Array.from(this.#values),
      ...(this.#group < 0 ? {} : { groups: this.#groups }),
      delimiter: this.#delimiter,
      hasHeader: this.#hasHeader,
    };
  }

  /** Takes the names from a header, or makes them, and finds the columns to read. */
  #begin(record: CsvRecord): void {
    const { cells, starts, fault } = record;
    const { header, columns, group } = this.#options;
    const fail = (problem: string) => {
      throw this.#error(problem);
    };
    this.#first = record;
    this.#hasHeader = header ?? isHeader(record, this.#delimiter);
    this.#names = this.#hasHeader ? cells : cells.map((_, i) => `column${i + 1}`);
    if (group !== undefined) this.#group = placeOf(this.#names, group, fail);
    const chosen = columns ? placesOf(this.#names, columns, fail) : [...cells.keys()];
    this.#chosen = chosen.filter((place) => place !== this.#group);
    if (this.#chosen.length === 0) fail('the only column is that of the groups; a table has others');
    if (!this.#hasHeader) return;
    if (fault) this.#complaints.add(starts[fault.cell]!, fault.cell, fault.problem);
    for (const i of this.#chosen) {
      const same = cells.indexOf(cells[i]!);
      if (cells[i] === '')
        this.#complaints.add(starts[i]!, i, 'the column has no name; give it one, or choose other columns');
      else if (same !== i)
        this.#complaints.add(starts[i]!, i, `column ${same + 1} has the same name; give each its own`);
    }
  }

  #addRow(record: CsvRecord): void {
    const { cells, starts, start, fault } = record;
    const wanted = this.#names.length;
    if (fault) {
      this.#complaints.add(starts[fault.cell]!, fault.cell, fault.problem);
      return;
    }
    if (cells.length !== wanted) {
      const line = lineAt(this.#text, this.#first!.start);
      const cure =
        cells.length < wanted ? 'fill in what is missing' : 'quote a cell that holds the delimiter';
      const place = Math.min(cells.length, wanted);
      this.#complaints.add(
        starts[place] ?? start,
        place,
        `${cells.length} ${cells.length === 1 ? 'cell' : 'cells'} where line ${line} has ${wanted}; ${cure}`,
      );
      return;
    }
    if (this.#group >= 0) this.#addGroup(cells[this.#group]!, starts[this.#group]!);
    for (const column of this.#chosen) {
      const cell = cells[column]!;
      const at = starts[column]!;
      const value = numberOf(cell, this.#delimiter);
      this.#values.push(value);
      if (this.#options.missing === 'keep' && isMissing(cell)) continue;
      if (!(Math.abs(value) <= FLOAT32_MAX)) this.#complainOf(cell, at, column, record === this.#first);
      else if (this.#delimiter === ';') this.#noteDecimal(cell, at, column);
    }
  }

  #addGroup(cell: string, at: number): void {
    this.#groups.push(cell);
    if (!isMissing(cell)) return;
    const what = cell === '' ? 'an empty cell' : `'${cell}'`;
    this.#complaints.add(at, this.#group, `${what} where the row's group should be; fill it in`);
  }

  #complainOf(cell: string, at: number, column: number, isFirst: boolean): void {
    const shown = `'${cell.length > 40 ? `${cell.slice(0, 40)}…` : cell}'`;
    const cure = 'fill in a number, remove the row, or say what to do about missing numbers';
    const add = (problem: string, kind: 'text' | 'other' = 'text') =>
      this.#complaints.add(at, column, problem, kind);
    if (isMissing(cell))
      add(`${cell === '' ? 'an empty cell' : `${shown} is a missing number`}; ${cure}`, 'other');
    else if (INFINITE.test(cell)) add(`${shown} is not finite; fill in a number, or remove the row`);
    else if (!Number.isNaN(numberOf(cell, this.#delimiter)))
      add(`${shown} is beyond float32, 3.4e38; use a larger unit`, 'other');
    else if (!Number.isNaN(numberOf(cell, ';')))
      add(`${shown} has a decimal comma; write a point, or put semicolons between cells`);
    else if (cell.startsWith('#')) add(`${shown} is no number; if it is a comment, remove the line`);
    else if (isFirst && this.#options.header === undefined)
      add(`${shown} is no number; correct it, or say that the first line is a header`);
    else add(`${shown} is no number; correct it, or leave the column out`);
  }

  #noteDecimal(cell: string, at: number, column: number): void {
    if (cell.includes(',')) this.#decimals.comma ??= { at, column };
    else if (cell.includes('.')) this.#decimals.point ??= { at, column };
  }

  /** '1.234' and '1,5' in one text: nobody knows whether the point groups thousands. */
  #checkDecimals(): void {
    const { point, comma } = this.#decimals;
    if (!point || !comma) return;
    const [first, second, sign] = point.at < comma.at ? [point, comma, 'comma'] : [comma, point, 'point'];
    const line = lineAt(this.#text, first.at);
    const problem = `a decimal ${sign}, but not in line ${line}; write all numbers with a decimal point`;
    this.#complaints.add(second.at, second.column, problem);
  }

  #error(problem: string): CsvError {
    return this.#complaints.single(this.#first?.start ?? 0, problem);
  }
}
