/** Collects what is wrong with a text while it is read, and says it once at the end. */
import { visibleLine } from '../../base/visible.ts';
import { columnKind } from './csv-cures.ts';
import { type CsvComplaint, CsvError, MOST_COMPLAINTS } from './csv-error.ts';

/** Of which places are kept; of the others complaints are counted. */
const MOST_COLUMNS = 1000;

/** `text` where a cell holds words: if most of a column does, that is said once. */
export type ComplaintKind = 'text' | 'other';

interface Place {
  /** In the text. */
  readonly at: number;
  /** From 0. */
  readonly column: number;
  readonly problem: string;
  /** What the cell holds, where that is the problem. */
  readonly cell?: string | undefined;
}

export class CsvComplaints {
  readonly #text: string;
  readonly #where: string;
  /** By kind and column: the first, and how many there are. */
  readonly #found = new Map<string, { count: number; first: Place[] }>();

  constructor(text: string, where: string) {
    this.#text = text;
    this.#where = where;
  }

  get isEmpty(): boolean {
    return this.#found.size === 0;
  }

  /** How many there are so far. */
  get count(): number {
    return [...this.#found.values()].reduce((sum, { count }) => sum + count, 0);
  }

  /** `problem` is asked for where it may be shown: a table may have one in every cell. */
  add(
    at: number,
    column: number,
    problem: string | (() => string),
    kind: ComplaintKind = 'other',
    cell?: string,
  ): void {
    const key = `${kind}${column}`;
    let found = this.#found.get(key);
    if (!found) this.#found.set(key, (found = { count: 0, first: [] }));
    found.count++;
    // Rows come from the top, so that the first columns with complaints have the first ones.
    if (found.first.length >= MOST_COMPLAINTS || this.#found.size > MOST_COLUMNS) return;
    found.first.push({ at, column, problem: typeof problem === 'string' ? problem : problem(), cell });
  }

  /** The error with the first complaints of a text with so many rows. */
  error(rows: number, names: readonly string[]): CsvError {
    let count = 0;
    const places = [...this.#found].flatMap(([key, found]): Place[] => {
      const isTextColumn = key.startsWith('text') && found.count > 1 && found.count > rows / 2;
      count += isTextColumn ? 1 : found.count;
      if (found.first.length === 0) return [];
      return isTextColumn ? [textColumn(found, rows)] : found.first;
    });
    places.sort((a, b) => a.at - b.at || a.column - b.column);
    const complaints = places.slice(0, MOST_COMPLAINTS).map(
      ({ at, column, problem }): CsvComplaint => ({
        row: lineAt(this.#text, at),
        column: column + 1,
        name: names[column],
        problem,
      }),
    );
    return new CsvError(this.#where, complaints, count);
  }

  /** An error of its own, about the line at a place. */
  single(at: number, problem: string): CsvError {
    const complaint = { row: this.lineAt(at), column: 1, name: undefined, problem };
    return new CsvError(this.#where, [complaint]);
  }

  lineAt(at: number): number {
    return lineAt(this.#text, at);
  }
}

function textColumn({ count, first }: { count: number; first: readonly Place[] }, rows: number): Place {
  const { column, cure } = columnKind(first.map(({ cell }) => cell ?? ''));
  const problem = `the column ${column} (${shown(first[0]!.cell ?? '')}, …; ${count} of ${rows} cells are no numbers); ${cure}`;
  return { ...first[0]!, problem };
}

/** A cell as messages quote it. */
export function shown(cell: string): string {
  return `'${visibleLine(cell.length > 40 ? `${cell.slice(0, 40)}…` : cell)}'`;
}

/** The line of a place in a text: CRLF, CR and LF each end one. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let i = 0; i < offset; i++) {
    const code = text.charCodeAt(i);
    if (code === 10 || (code === 13 && text.charCodeAt(i + 1) !== 10)) line++;
  }
  return line;
}
