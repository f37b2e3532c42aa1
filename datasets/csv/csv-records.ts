/** Text into records of cells, after RFC 4180 and what files look like: one pass, no backtracking. */

/** Between cells; ' ' means a run of blanks and tabs. */
export type Delimiter = ',' | ';' | '\t' | '|' | ' ';

export interface CsvRecord {
  /** Without the blanks around them; quotes taken off, doubled ones halved. */
  readonly cells: string[];
  /** Where each cell begins in the text. */
  readonly starts: number[];
  /** Where the record begins. */
  readonly start: number;
  /** A quote that is wrong. */
  fault?: { readonly cell: number; readonly problem: string };
}

const [TAB, LINE_FEED, CARRIAGE_RETURN, BLANK, QUOTE, BYTE_ORDER_MARK] = [9, 10, 13, 32, 34, 0xfeff];

/** Cells of a line; what has more is no table. */
export const MOST_CELLS = 2 ** 20;

/**
 * An empty line is a record with one empty cell, or with none where blanks delimit; of empty lines in a row there is the first.
 * A record of `MOST_CELLS` is cut there, and nothing follows.
 */
export function* csvRecords(text: string, delimiter: Delimiter, from = 0): Generator<CsvRecord> {
  const scanner = new Scanner(text, delimiter, from);
  for (let record = scanner.next(); record; record = scanner.next()) yield record;
}

class Scanner {
  readonly #text: string;
  readonly #code: number;
  readonly #isByBlanks: boolean;
  #at: number;

  constructor(text: string, delimiter: Delimiter, from: number) {
    this.#text = text;
    this.#code = delimiter.charCodeAt(0);
    this.#isByBlanks = delimiter === ' ';
    this.#at = from === 0 && text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : from;
  }

  next(): CsvRecord | undefined {
    if (this.#at >= this.#text.length) return undefined;
    const record: CsvRecord = { cells: [], starts: [], start: this.#at };
    for (;;) {
      this.#skipBlanks();
      if (this.#isByBlanks && this.#isEnd(this.#at)) break;
      record.starts.push(this.#at);
      record.cells.push(this.#text.charCodeAt(this.#at) === QUOTE ? this.#quoted(record) : this.#plain());
      if (this.#isEnd(this.#at)) break;
      if (record.cells.length >= MOST_CELLS) {
        this.#at = this.#text.length;
        break;
      }
      if (!this.#isByBlanks) this.#at++;
    }
    const isEmpty = this.#at === record.start;
    if (this.#text.charCodeAt(this.#at) === CARRIAGE_RETURN) this.#at++;
    if (this.#text.charCodeAt(this.#at) === LINE_FEED) this.#at++;
    if (isEmpty) while (this.#at < this.#text.length && this.#isEnd(this.#at)) this.#at++;
    return record;
  }

  #plain(): string {
    const start = this.#at;
    let end = start;
    while (!this.#isEnd(this.#at) && !this.#isDelimiter(this.#at)) {
      if (!this.#isBlank(this.#at++)) end = this.#at;
    }
    return this.#text.slice(start, end);
  }

  /** From an opening quote to the delimiter or end behind the closing one. */
  #quoted(record: CsvRecord): string {
    const text = this.#text;
    let value = '';
    for (let from = this.#at + 1; ; ) {
      const quote = text.indexOf('"', from);
      if (quote < 0) {
        this.#fault(record, 'a quote is opened and never closed; close it, or double it inside of a cell');
        this.#at = text.length;
        return value + text.slice(from);
      }
      value += text.slice(from, quote);
      this.#at = quote + 1;
      if (text.charCodeAt(this.#at) !== QUOTE) break;
      value += '"';
      from = this.#at + 1;
    }
    const rest = this.#plain().trim();
    if (rest !== '')
      this.#fault(record, `'${rest}' follows a closing quote; a quote inside of a cell is written twice`);
    return value.trim();
  }

  #fault(record: CsvRecord, problem: string): void {
    record.fault ??= { cell: record.starts.length - 1, problem };
  }

  #skipBlanks(): void {
    while (this.#isBlank(this.#at)) this.#at++;
  }

  #isBlank(at: number): boolean {
    const code = this.#text.charCodeAt(at);
    return code === BLANK || (code === TAB && this.#code !== TAB);
  }

  #isDelimiter(at: number): boolean {
    return this.#isByBlanks ? this.#isBlank(at) : this.#text.charCodeAt(at) === this.#code;
  }

  #isEnd(at: number): boolean {
    if (at >= this.#text.length) return true;
    const code = this.#text.charCodeAt(at);
    return code === LINE_FEED || code === CARRIAGE_RETURN;
  }
}
