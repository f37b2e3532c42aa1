/** How a text writes its table: what stands between cells, and whether its first line names the columns. */
import { isMissing, type NumberStyle, numberOf, styleOf } from './csv-number.ts';
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

type Told = Parameters<typeof styleOf>[1];

/** The delimiter by which most lines have the same number of cells, and most cells are numbers. */
export function delimiterOf(text: string, from = 0, told: Told = {}): Delimiter {
  let best: { delimiter: Delimiter; score: number } = { delimiter: ',', score: 0 };
  for (const delimiter of delimiters) {
    const score = fit(firstRecords(text, delimiter, from), styleOf(delimiter, told));
    if (score > best.score) best = { delimiter, score };
  }
  return best.delimiter;
}

/** The first records that are not empty. */
export function firstRecords(text: string, delimiter: Delimiter, from = 0): CsvRecord[] {
  const isCut = text.length - from > SAMPLE_CHARACTERS;
  const sample = isCut ? text.slice(0, from + SAMPLE_CHARACTERS) : text;
  const records: CsvRecord[] = [];
  for (const record of csvRecords(sample, delimiter, from)) {
    if (records.length > SAMPLE_RECORDS) break;
    if (!isEmpty(record)) records.push(record);
  }
  // The last one may be half of one; of a single one that is all there is to see.
  const isWhole = !isCut && records.length <= SAMPLE_RECORDS;
  return isWhole || records.length < 2 ? records : records.slice(0, -1);
}

/** 0 if the delimiter separates nothing. */
function fit(records: readonly CsvRecord[], style: NumberStyle): number {
  const widths = new Map<number, number>();
  for (const { cells } of records) widths.set(cells.length, (widths.get(cells.length) ?? 0) + 1);
  const [width, alike] = [...widths].reduce((most, entry) => (entry[1] > most[1] ? entry : most), [0, 0]);
  if (width < 2) return 0;
  // Two tabs in every line are wide spacing; a column with only some cells empty is one with missing numbers.
  const isFilled = Array.from({ length: width }, (_, i) =>
    records.some(({ cells }) => (cells[i] ?? '') !== ''),
  );
  const isNumber = (cell: string, i: number) =>
    cell === '' ? isFilled[i] : isMissing(cell) || Number.isFinite(numberOf(cell, style));
  const total = records.reduce((sum, { cells }) => sum + cells.length, 0);
  const numbers = records.reduce((sum, { cells }) => sum + cells.filter(isNumber).length, 0);
  // Blanks inside of cells part them alike, too: 'Jan 1 2000'. Then they do not part the names of columns.
  const own = records[0]!.cells.length;
  const isOfNames = own === width || own === width - 1;
  // A table of words alone has a delimiter too.
  return (alike / records.length) * (0.01 + numbers / total) * (isOfNames ? 1 : 0.5);
}

export function isEmpty({ cells }: CsvRecord): boolean {
  return cells.length === 0 || (cells.length === 1 && cells[0] === '');
}

/**
 * Whether the first record names the columns: it does if none of its cells is a number, and not all are missing ones. So
 * a first row with a bad cell is no header, and is complained about.
 */
export function isHeader({ cells }: CsvRecord, style: NumberStyle): boolean {
  return (
    cells.every((cell) => Number.isNaN(numberOf(cell, style))) && !cells.every((cell) => isMissing(cell))
  );
}

/**
 * Whether a first record of numbers may name the columns all the same: whole numbers that count up, as programs call columns
 * without names, or years; a first cell of an index may be empty. `hasDecimals` says whether the rows below have decimals.
 */
export function mayBeHeader({ cells }: CsvRecord): boolean {
  const own = cells[0] === '' ? cells.slice(1) : cells;
  if (own.length < 2 || !own.every((cell) => /^\d{1,9}$/.test(cell))) return false;
  const numbers = own.map(Number);
  const steps = numbers.slice(1).map((value, i) => value - numbers[i]!);
  const isEven = steps.every((step) => step === steps[0]);
  return steps.every((step) => step > 0) && (steps[0] === 1 ? isEven : isEven && own.length > 2);
}
