/**
 * Tables whose lines are not all alike, and are read all the same: names of rows in front of each row and without a name of
 * their own, as R writes them; a sign that stands between cells at the end of every line.
 */
import { firstRecords, isHeader } from './csv-dialect.ts';
import type { NumberStyle } from './csv-number.ts';
import type { CsvRecord, Delimiter } from './csv-records.ts';

/** What is cut off a record: cells in front, and cells at the end, which are empty. */
interface Cut {
  readonly front: number;
  readonly end: number;
}

export interface CsvLayout {
  readonly first: Cut;
  readonly rows: Cut;
  /** What people should know of it. */
  readonly note: string;
}

/** Undefined where all lines are alike; told by the first ones. `header` is as for `readCsv`. */
export function layoutOf(
  text: string,
  { delimiter, style, from }: { delimiter: Delimiter; style: NumberStyle; from: number },
  header?: boolean,
): CsvLayout | undefined {
  const [first, ...others] = firstRecords(text, delimiter, from);
  if (!first || others.length === 0) return undefined;
  const own = first.cells.length;
  const width = others[0]!.cells.length;
  // A last line may end where its cells do.
  const full = others.filter(({ cells }) => cells.length === width);
  const ends = Math.min(emptyAtEnd(first), ...full.map(emptyAtEnd));
  if (own === width && ends > 0 && ends < own && areAlike(others, [width, width - ends]))
    return { first: { front: 0, end: ends }, rows: { front: 0, end: ends }, note: endNote(ends) };
  const isNamed = header ?? isHeader(first, style);
  if (width !== own + 1 || !isNamed || others.length < 2 || !areAlike(others, [width, own])) return undefined;
  if (full.every(({ cells }) => cells.at(-1) === ''))
    return { first: { front: 0, end: 0 }, rows: { front: 0, end: 1 }, note: endNote(1) };
  if (full.length < others.length || !areNames(text, others)) return undefined;
  return {
    first: { front: 0, end: 0 },
    rows: { front: 1, end: 0 },
    note: 'every row has one cell more than the first line: the first ones are taken for names of rows, as R writes them, and are not read',
  };
}

/** What belongs to the table; a record that is not laid out as the others stays as it is. */
export function laidOut(
  record: CsvRecord,
  layout: CsvLayout | undefined,
  isFirst: boolean,
  wanted = 0,
): CsvRecord {
  if (!layout) return record;
  const { front, end } = isFirst ? layout.first : layout.rows;
  const { cells, starts } = record;
  const until = cells.length - end;
  if (!isFirst && until - front !== wanted) return record;
  if (cells.slice(until).some((cell) => cell !== '')) return record;
  return { ...record, cells: cells.slice(front, until), starts: starts.slice(front, until) };
}

/** Words or in quotes, or numbers that count up; each once. Else a decimal comma may have made two cells of one. */
function areNames(text: string, records: readonly CsvRecord[]): boolean {
  const names = records.map(({ cells }) => cells[0]!);
  if (new Set(names).size < names.length) return false;
  const isWord = ({ cells, starts }: CsvRecord) => text[starts[0]!] === '"' || !/^[-+.\d]/.test(cells[0]!);
  return records.every(isWord) || names.every((name, i) => Number(name) === Number(names[0]) + i);
}

function areAlike(records: readonly CsvRecord[], widths: readonly number[]): boolean {
  return records.every(({ cells }) => widths.includes(cells.length));
}

function emptyAtEnd({ cells }: CsvRecord): number {
  return cells.length - 1 - cells.findLastIndex((cell) => cell !== '');
}

function endNote(count: number): string {
  return count === 1
    ? 'lines end with a sign that stands between cells; nothing is read behind it'
    : `lines end with ${count} cells that are empty and have no names; they are not read`;
}
