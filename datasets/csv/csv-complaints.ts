/** Collects what is wrong with a text while it is read, and says it once at the end. */
import { type CsvComplaint, CsvError, MOST_COMPLAINTS } from './csv-error.ts';

/** `text` where a cell holds words: if most of a column does, that is said once. */
export type ComplaintKind = 'text' | 'other';

interface Place {
  /** In the text. */
  readonly at: number;
  /** From 0. */
  readonly column: number;
  readonly problem: string;
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

  add(at: number, column: number, problem: string, kind: ComplaintKind = 'other'): void {
    const key = `${kind}${column}`;
    const found = this.#found.get(key) ?? { count: 0, first: [] };
    this.#found.set(key, found);
    found.count++;
    if (found.first.length < MOST_COMPLAINTS) found.first.push({ at, column, problem });
  }

  /** The error with the first complaints of a text with so many rows. */
  error(rows: number, names: readonly string[]): CsvError {
    let count = 0;
    const places = [...this.#found].flatMap(([key, found]) => {
      const isTextColumn = key.startsWith('text') && found.count > 1 && found.count > rows / 2;
      count += isTextColumn ? 1 : found.count;
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
    const complaint = { row: lineAt(this.#text, at), column: 1, name: undefined, problem };
    return new CsvError(this.#where, [complaint]);
  }
}

function textColumn({ count, first }: { count: number; first: readonly Place[] }, rows: number): Place {
  const [shown] = /^'[^']*'/.exec(first[0]!.problem) ?? ['words'];
  const problem =
    `the column holds text (${shown}, …; ${count} of ${rows} cells are no numbers); leave it out by choosing ` +
    'the other columns, or write its categories as numbers';
  return { ...first[0]!, problem };
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
