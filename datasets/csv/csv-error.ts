/** What is wrong with a table of text, and where, as an editor counts lines. */
import { visibleLine } from '../../base/visible.ts';

export interface CsvComplaint {
  /** Line in the text, from 1. */
  readonly row: number;
  /** Cell in the line, from 1; 1 where the whole line is meant. */
  readonly column: number;
  /** The column's name, if it has one. */
  readonly name: string | undefined;
  /** What is wrong, and the cure. */
  readonly problem: string;
}

/** Complaints that an error holds; the rest is counted. */
export const MOST_COMPLAINTS = 10;

/** A text that is no numeric table; its message has a line a complaint. */
export class CsvError extends Error {
  override readonly name = 'CsvError';
  /** The first ones, from the top of the text. */
  readonly complaints: readonly CsvComplaint[];
  /** How many there are in the whole text. */
  readonly count: number;

  constructor(where: string, complaints: readonly CsvComplaint[], count = complaints.length) {
    const lines = complaints.map(lineOf);
    const more = count > lines.length ? [`and ${count - lines.length} more`] : [];
    super(
      count === 1
        ? `${where}: ${lines[0]}`
        : `${where}: ${count} complaints\n${[...lines, ...more].map((line) => `  ${line}`).join('\n')}`,
    );
    this.complaints = complaints;
    this.count = count;
  }

  /** Of the first complaint. */
  get row(): number {
    return this.complaints[0]!.row;
  }

  get column(): number {
    return this.complaints[0]!.column;
  }

  get columnName(): string | undefined {
    return this.complaints[0]!.name;
  }
}

function lineOf({ row, column, name, problem }: CsvComplaint): string {
  return `line ${row}, column ${column}${name ? ` ('${visibleLine(name)}')` : ''}: ${problem}`;
}
