/** How a text writes its table: what stands between cells, and what a number looks like. */
import { type CsvRecord, csvRecords, type Delimiter } from './csv-records.ts';

/** Where two fit a text equally well, the first is taken: a comma may be a decimal one, a blank part of a name. */
export const delimiters: readonly Delimiter[] = ['\t', ';', '|', ',', ' '];

/** For people. */
export const delimiterNames: Readonly<Record<Delimiter, string>> = {
  ',': 'commas',
  ';': 'semicolons',
  '\t': 'tabs',
  '|': 'bars',
  ' ': 'blanks',
};

/** As little as tells the delimiter. */
const [SAMPLE_CHARACTERS, SAMPLE_RECORDS] = [65_536, 200];

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

/** What programs write where there is no number. */
const MISSING = /^(|<?na>?|#?n\/a|[+-]?nan|null|none|missing|[?.-])$/i;

/** The delimiter by which most lines have the same number of cells, and most cells are numbers. */
export function delimiterOf(text: string): Delimiter {
  const isCut = text.length > SAMPLE_CHARACTERS;
  const sample = text.slice(0, SAMPLE_CHARACTERS);
  let best: { delimiter: Delimiter; score: number } = { delimiter: ',', score: 0 };
  for (const delimiter of delimiters) {
    const score = fit(firstRecords(sample, delimiter, isCut), delimiter);
    if (score > best.score) best = { delimiter, score };
  }
  return best.delimiter;
}

function firstRecords(sample: string, delimiter: Delimiter, isCut: boolean): CsvRecord[] {
  const records: CsvRecord[] = [];
  for (const record of csvRecords(sample, delimiter)) {
    if (records.length > SAMPLE_RECORDS) break;
    if (!isEmpty(record)) records.push(record);
  }
  // The last one may be half of one.
  return isCut || records.length > SAMPLE_RECORDS ? records.slice(0, -1) : records;
}

/** 0 if the delimiter separates nothing. */
function fit(records: readonly CsvRecord[], delimiter: Delimiter): number {
  const widths = new Map<number, number>();
  for (const { cells } of records) widths.set(cells.length, (widths.get(cells.length) ?? 0) + 1);
  const [width, alike] = [...widths].reduce((most, entry) => (entry[1] > most[1] ? entry : most), [0, 0]);
  if (width < 2) return 0;
  // Two tabs in every line are wide spacing; a column with only some cells empty is one with missing numbers.
  const isFilled = Array.from({ length: width }, (_, i) =>
    records.some(({ cells }) => (cells[i] ?? '') !== ''),
  );
  const isNumber = (cell: string, i: number) =>
    cell === '' ? isFilled[i] : isMissing(cell) || Number.isFinite(numberOf(cell, delimiter));
  const total = records.reduce((sum, { cells }) => sum + cells.length, 0);
  const numbers = records.reduce((sum, { cells }) => sum + cells.filter(isNumber).length, 0);
  // A table of words alone has a delimiter too.
  return (alike / records.length) * (0.01 + numbers / total);
}

export function isEmpty({ cells }: CsvRecord): boolean {
  return cells.length === 0 || (cells.length === 1 && cells[0] === '');
}

/** NaN if it is none. Where a semicolon delimits, a comma may stand for the decimal point. */
export function numberOf(cell: string, delimiter: Delimiter): number {
  const text = delimiter === ';' ? cell.replace(',', '.') : cell;
  return NUMBER.test(text) ? Number(text) : NaN;
}

export function isMissing(cell: string): boolean {
  return MISSING.test(cell);
}

/**
 * Whether the first record names the columns: it does if none of its cells is a number, and not all are missing ones. So
 * a first row with a bad cell is no header, and is complained about.
 */
export function isHeader({ cells }: CsvRecord, delimiter: Delimiter): boolean {
  return cells.every((cell) => Number.isNaN(numberOf(cell, delimiter))) && !cells.every(isMissing);
}
