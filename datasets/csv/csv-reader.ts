/** The reading of a CSV text, row by row: numbers out of cells, and complaints about all that is none. */
import { type ColumnReference, placeOf, placesOf } from '../columns.ts';
import { CsvComplaints, shown } from './csv-complaints.ts';
import { kindOf } from './csv-cures.ts';
import { isEmpty, isHeader, mayBeHeader } from './csv-dialect.ts';
import { NumberDoubts } from './csv-doubts.ts';
import type { CsvError } from './csv-error.ts';
import { laidOut } from './csv-layout.ts';
import {
  isBeyondIntegers,
  isBoolean,
  isMissing,
  type MissingTexts,
  missingTexts,
  numberOf,
} from './csv-number.ts';
import { type CsvWriting, openCsv, type OpenedCsv } from './csv-opening.ts';
import { type CsvRecord, csvRecords, type Delimiter, MOST_CELLS } from './csv-records.ts';
import { writeClasses } from '../class-column.ts';
import type { ClassColumn, Table } from '../dataset.ts';

export interface CsvOptions extends CsvWriting {
  /** Whether the first line names the columns. If left out it does where none of its cells is a number. */
  header?: boolean;
  /** The columns to read, in this order; all if left out. What stands in the others is not looked at. */
  columns?: readonly ColumnReference[];
  /** The column that says which rows belong together. It is read as text and is none of the columns. */
  group?: ColumnReference;
  /** The column that names a class for each row, read as text; true for the last one that is read. See `Table.classes`. */
  classes?: ColumnReference | true;
  /** What becomes of a missing number: an error if left out, or NaN. */
  missing?: 'keep';
  /** What stands for a missing number, besides the usual ones; a number, such as '-999', for all that are equal to it. */
  missingValues?: readonly string[];
  /** What errors call the text, such as a file's name. */
  where?: string;
}

/** A table, and how its text was read. */
export interface CsvTable extends Table {
  readonly delimiter: Delimiter;
  readonly hasHeader: boolean;
  /** What could be read in two ways and was read in one. */
  readonly notes: readonly string[];
}

const FLOAT32_MAX = 3.4028234663852886e38;

export class CsvReader {
  readonly #text: string;
  readonly #options: CsvOptions;
  readonly #opened: OpenedCsv;
  readonly #missing: MissingTexts | undefined;
  readonly #complaints: CsvComplaints;
  readonly #values: number[] = [];
  #first: CsvRecord | undefined;
  #hasHeader = false;
  #names: readonly string[] = [];
  /** Places of the columns to read. */
  #chosen: readonly number[] = [];
  /** Places of the columns of groups and of classes, -1 without one. */
  #group = -1;
  readonly #groups: string[] = [];
  #classes = -1;
  readonly #classNames: (string | undefined)[] = [];
  /** Undefined where it was told how numbers are written. */
  readonly #doubts: NumberDoubts | undefined;
  /** By column, where its first true or false stands, and its first other number. */
  readonly #truths = new Map<number, { truth?: number; other?: number }>();
  /** Complaints after the first row, if it has no number at all. */
  #wordsOfFirstRow = -1;

  constructor(text: string, options: CsvOptions) {
    const { decimal, thousands, missingValues } = options;
    this.#text = text;
    this.#options = options;
    this.#opened = openCsv(text, options, options.header);
    this.#missing = missingValues && missingTexts(missingValues);
    this.#complaints = new CsvComplaints(text, options.where ?? 'csv');
    const isTold = decimal !== undefined || thousands !== undefined;
    this.#doubts = isTold ? undefined : new NumberDoubts(this.#opened.delimiter);
  }

  read(): CsvTable {
    const { delimiter, from, layout, problem } = this.#opened;
    if (problem) throw this.#complaints.single(problem.at, problem.problem);
    let rows = 0;
    let empty: CsvRecord | undefined;
    for (const whole of csvRecords(this.#text, delimiter, from)) {
      if (isEmpty(whole)) {
        empty ??= whole;
        continue;
      }
      if (whole.cells.length >= MOST_CELLS)
        throw this.#complaints.single(whole.start, `the line has ${MOST_CELLS} cells or more; no table has`);
      const record = laidOut(whole, layout, !this.#first, this.#names.length);
      if (empty) this.#complaints.add(empty.start, 0, 'an empty line before the last row; remove it');
      empty = undefined;
      if (!this.#first) {
        this.#begin(record);
        if (this.#hasHeader) continue;
      }
      this.#addRow(record, rows);
      rows++;
    }
    if (!this.#first) throw this.#error('the text is empty; a table has at least one row');
    this.#checkHeader();
    this.#checkTruths();
    const notes = this.#checkDoubts();
    this.#checkUnits();
    if (!this.#complaints.isEmpty) throw this.#complaints.error(rows, this.#hasHeader ? this.#names : []);
    if (rows === 0) throw this.#error('a header and no rows; if it is data, say that there is no header');
    const values = Float64Array.from(this.#values);
    return {
      columns: this.#chosen.map((i) => this.#names[i]!),
      rows,
      values,
      ...(this.#classes < 0 ? {} : { classes: this.#numbered(values) }),
      ...(this.#group < 0 ? {} : { groups: this.#groups }),
      ...(this.#chosen.length < this.#names.length ? { fileColumns: this.#names } : {}),
      delimiter,
      hasHeader: this.#hasHeader,
      notes: [...(layout ? [layout.note] : []), ...notes],
    };
  }

  #numbered(values: Float64Array): ClassColumn {
    const { width, place } = { width: this.#chosen.length, place: this.#chosen.indexOf(this.#classes) };
    try {
      return writeClasses(this.#names[this.#classes]!, this.#classNames, { values, width, place });
    } catch (error) {
      throw this.#error((error as Error).message);
    }
  }

  /** Takes the names from a header, or makes them, and finds the columns to read. */
  #begin(record: CsvRecord): void {
    const { cells, starts, fault } = record;
    const { header, columns, group } = this.#options;
    const fail = (problem: string) => {
      throw this.#error(problem);
    };
    this.#first = record;
    this.#hasHeader = header ?? isHeader(record, this.#opened.style);
    this.#names = this.#hasHeader ? cells : cells.map((_, i) => `column${i + 1}`);
    if (group !== undefined) this.#group = placeOf(this.#names, group, fail);
    const chosen = columns ? placesOf(this.#names, columns, fail) : [...cells.keys()];
    this.#chosen = chosen.filter((place) => place !== this.#group);
    if (this.#chosen.length === 0) fail('the only column is that of the groups; a table has others');
    const { classes } = this.#options;
    if (classes === true) this.#classes = this.#chosen.at(-1)!;
    else if (classes !== undefined) this.#classes = placeOf(this.#names, classes, fail);
    if (!this.#hasHeader) return;
    if (fault) this.#complaints.add(starts[fault.cell]!, fault.cell, fault.problem);
    const places = new Map<string, number>();
    for (const [i, cell] of cells.entries()) if (!places.has(cell)) places.set(cell, i);
    for (const i of this.#chosen) {
      const same = places.get(cells[i]!)!;
      if (cells[i] === '') {
        const what = i === 0 ? 'the column has no name, as an index of pandas' : 'the column has no name';
        this.#complaints.add(starts[i]!, i, `${what}; give it one, or leave it out (exclude ${i})`);
      } else if (same !== i)
        this.#complaints.add(starts[i]!, i, `column ${same + 1} has the same name; give each its own`);
    }
  }

  #addRow(record: CsvRecord, row: number): void {
    const { cells, starts, start, fault } = record;
    const wanted = this.#names.length;
    if (fault) {
      this.#complaints.add(starts[fault.cell]!, fault.cell, fault.problem);
      return;
    }
    if (cells.length !== wanted) {
      const line = this.#complaints.lineAt(this.#first!.start);
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
    const { style } = this.#opened;
    let hasNumber = false;
    for (const column of this.#chosen) {
      const cell = cells[column]!;
      const at = starts[column]!;
      const isGap = isMissing(cell, this.#missing);
      const isClass = column === this.#classes;
      if (isClass) this.#classNames.push(isGap ? undefined : cell);
      const value = isGap || isClass ? NaN : numberOf(cell, style);
      this.#values.push(value);
      if (isGap ? this.#options.missing === 'keep' : isClass) continue;
      if (!(Math.abs(value) <= FLOAT32_MAX)) {
        this.#complainOf(cell, at, column, record === this.#first);
        continue;
      }
      hasNumber = true;
      if (value > 2 ** 53 || value < -(2 ** 53) || cell.length > 15) this.#checkInteger(cell, at, column);
      this.#noteForm(cell, at, column);
    }
    if (row === 0 && this.#hasHeader && !hasNumber) this.#wordsOfFirstRow = this.#complaints.count;
  }

  #addGroup(cell: string, at: number): void {
    this.#groups.push(cell);
    if (!isMissing(cell)) return;
    const what = cell === '' ? 'an empty cell' : `'${cell}'`;
    this.#complaints.add(at, this.#group, `${what} where the row's group should be; fill it in`);
  }

  #complainOf(cell: string, at: number, column: number, isFirst: boolean): void {
    const add = (problem: () => string, kind: 'text' | 'other' = 'text') =>
      this.#complaints.add(at, column, () => `${shown(cell)} ${problem()}`, kind, cell);
    if (isMissing(cell, this.#missing)) {
      const cure = 'fill in a number, remove the row, or say what to do about missing numbers';
      const what = () => (cell === '' ? 'an empty cell' : `${shown(cell)} is a missing number`);
      this.#complaints.add(at, column, () => `${what()}; ${cure}`);
    } else if (!Number.isNaN(numberOf(cell, this.#opened.style)))
      add(() => 'is beyond float32, 3.4e38; use a larger unit', 'other');
    else
      add(() => {
        const known = kindOf(cell);
        if (known) return `${known.cell}; ${known.cure}`;
        return isFirst && this.#options.header === undefined
          ? 'is no number; correct it, or say that the first line is a header'
          : 'is no number; correct it, or leave the column out';
      });
  }

  #checkInteger(cell: string, at: number, column: number): void {
    if (isBeyondIntegers(cell, this.#opened.style))
      this.#complaints.add(
        at,
        column,
        `${shown(cell)} has more digits than a number can hold, 2^53; leave the column out (exclude), or round it yourself`,
      );
  }

  #noteForm(cell: string, at: number, column: number): void {
    const isTruth = isBoolean(cell);
    let seen = this.#truths.get(column);
    if (!seen) this.#truths.set(column, (seen = {}));
    if (isTruth) seen.truth ??= at;
    else {
      seen.other ??= at;
      this.#doubts?.see(cell, at, column);
    }
  }

  /** Numbers that could be read in two ways: refused, or returned as notes. */
  #checkDoubts(): string[] {
    const doubts = this.#doubts?.found((at) => this.#complaints.lineAt(at)) ?? [];
    return doubts.flatMap(({ at, column, problem, isRefused }) => {
      if (isRefused) this.#complaints.add(at, column, problem);
      const place = `line ${this.#complaints.lineAt(at)}, column ${column + 1}`;
      return isRefused ? [] : [`${place}: ${problem}; read as decimal`];
    });
  }

  #checkTruths(): void {
    for (const [column, { truth, other }] of this.#truths)
      if (truth !== undefined && other !== undefined) {
        const problem = `a truth value, and line ${this.#complaints.lineAt(other)} has a number; write one or the other`;
        this.#complaints.add(truth, column, problem);
      }
  }

  /** A first line 0, 1, 2 above decimals. */
  #checkHeader(): void {
    const { header } = this.#options;
    const first = this.#first!;
    if (header !== undefined || this.#hasHeader || !mayBeHeader(first)) return;
    const below = this.#values.slice(this.#chosen.length);
    if (!below.some((value) => Number.isFinite(value) && !Number.isInteger(value))) return;
    const line = first.cells.slice(0, 4).map((cell) => (cell === '' ? 'nothing' : cell));
    throw this.#error(
      `${line.join(', ')}${first.cells.length > 4 ? ', …' : ''} above numbers with decimals may name the columns, or be a ` +
        'row; say which (header: yes or no)',
    );
  }

  /** A second line that holds words alone, above rows of numbers. */
  #checkUnits(): void {
    if (this.#wordsOfFirstRow <= 0 || this.#complaints.count !== this.#wordsOfFirstRow) return;
    if (this.#chosen.length < 2 || this.#values.length === this.#chosen.length) return;
    throw this.#error('the line below this one holds no number: units? Remove it');
  }

  #error(problem: string): CsvError {
    return this.#complaints.single(this.#first?.start ?? 0, problem);
  }
}
