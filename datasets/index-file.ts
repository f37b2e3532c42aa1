/** Whole numbers in a text, one or more a line, that name rows or columns of a table: as NumPy's `savetxt` writes them. */
import { checkNamed, checkNumber, checkOptions, checkText } from '../base/borders.ts';
import { numberOf } from './csv/csv-number.ts';
import { DatasetError } from './dataset-error.ts';
import type { RowSplit } from './row-splits.ts';

/** A file's name and text. */
export interface IndexText {
  readonly where: string;
  readonly text: string;
}

/** The table that indexes are about. */
export interface IndexedTable {
  /** What errors call it. */
  readonly of: string;
  readonly what: 'row' | 'column';
  /** How many rows or columns it has; numbers are below it. */
  readonly count: number;
}

/**
 * A split from two files of row numbers, which count from 0; the order is theirs.
 *
 * @throws DatasetError with file and line: a number is none, out of range, there twice, or in both files.
 */
export function readSplit(
  train: IndexText,
  test: IndexText,
  options: { rows: number; of?: string },
): RowSplit {
  for (const file of [train, test]) {
    checkNamed('readSplit', file, 'where text');
    checkText('readSplit', 'where', file.where);
    checkText('readSplit', 'text', file.text);
  }
  checkOptions('readSplit', options, 'rows of', true);
  const { rows, of = 'the table' } = options;
  checkNumber('readSplit', 'rows', rows, { from: 0, isWhole: true });
  const [trainRows, testRows] = readApart(train, test, { of, what: 'row', count: rows });
  return { train: trainRows, test: testRows };
}

/** Two indexes that have no number in common. */
export function readApart(
  first: IndexText,
  second: IndexText,
  table: IndexedTable,
): [Uint32Array, Uint32Array] {
  const [lines, others] = [readIndex(first, table), readIndex(second, table)];
  for (const [value, line] of others)
    if (lines.has(value))
      throw new DatasetError(
        second.where,
        `line ${line}: ${table.what} ${value} is in ${first.where} too, line ${lines.get(value)}; keep it in one`,
      );
  return [Uint32Array.from(lines.keys()), Uint32Array.from(others.keys())];
}

/** The numbers in their order, and the line of each, from 1. */
function readIndex({ where, text }: IndexText, { of, what, count }: IndexedTable): Map<number, number> {
  const lines = new Map<number, number>();
  for (const [i, content] of text.split(/\r\n|\r|\n/).entries())
    for (const cell of content.split(/[ \t]+/).filter((piece) => piece !== '')) {
      const fail = (problem: string) => new DatasetError(where, `line ${i + 1}: ${problem}`);
      // Also 5.000e+00.
      const value = numberOf(cell, { decimal: '.' });
      if (!Number.isInteger(value)) throw fail(`wants the number of a ${what}, got '${cell.slice(0, 40)}'`);
      if (value < 0 || value >= count)
        throw fail(`there is no ${what} ${value}; ${of} has ${count}, numbered from 0 to ${count - 1}`);
      const first = lines.get(value);
      if (first !== undefined)
        throw fail(`${what} ${value} is in line ${first} already; a ${what} is named once`);
      lines.set(value, i + 1);
    }
  if (lines.size === 0) throw new DatasetError(where, `is empty; it names at least one ${what}`);
  return lines;
}
