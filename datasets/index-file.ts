/** Whole numbers in a text, one or more a line, that name rows or columns of a table: as NumPy's `savetxt` writes them. */
import { numberOf } from './csv-dialect.ts';
import { DatasetError } from './dataset-error.ts';

export interface IndexEntry {
  readonly value: number;
  /** From 1. */
  readonly line: number;
}

export interface IndexOptions {
  /** What errors call the text, and the table that it is about. */
  readonly where: string;
  readonly of: string;
  readonly what: 'row' | 'column';
  /** How many there are; the numbers are below it. */
  readonly count: number;
}

/** @throws DatasetError with the line of a number that is none, out of range, or there twice; or if there is no number. */
export function readIndex(text: string, { where, of, what, count }: IndexOptions): IndexEntry[] {
  const lines = new Map<number, number>();
  const entries = text.split(/\r\n|\r|\n/).flatMap((content, i) =>
    content
      .split(/[ \t]+/)
      .filter((cell) => cell !== '')
      .map((cell): IndexEntry => {
        const line = i + 1;
        const fail = (problem: string) => new DatasetError(where, `line ${line}: ${problem}`);
        // Also 5.000e+00.
        const value = numberOf(cell, ' ');
        if (!Number.isInteger(value)) throw fail(`wants the number of a ${what}, got '${cell.slice(0, 40)}'`);
        if (value < 0 || value >= count)
          throw fail(`there is no ${what} ${value}; ${of} has ${count}, numbered from 0 to ${count - 1}`);
        const first = lines.get(value);
        if (first !== undefined)
          throw fail(`${what} ${value} is in line ${first} already; a ${what} is named once`);
        lines.set(value, line);
        return { value, line };
      }),
  );
  if (entries.length === 0) throw new DatasetError(where, `is empty; it names at least one ${what}`);
  return entries;
}
