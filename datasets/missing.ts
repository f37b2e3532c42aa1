/**
 * Missing numbers of a table, which are NaN: counted, rows with one left out, or filled with what the training rows say.
 * Nothing of a test row may leak into training, so `impute` is told which rows it may look at.
 */
import { checkChoice, checkNumberList, checkOptions } from '../base/borders.ts';
import { checkColumns, type ColumnReference, placesOf } from './columns.ts';
import { checkTable, type Table, everyRow } from './dataset.ts';
import { median } from '../base/median.ts';

/** How many numbers are missing in each column. */
export function missingCounts(table: Table): number[] {
  checkTable('missingCounts', table);
  const { columns, values } = table;
  const counts = columns.map(() => 0);
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) counts[i % columns.length]!++;
  return counts;
}

/** In words: the first column with missing numbers, how many, and where they begin; undefined if none is missing. */
export function describeGap(table: Table): string | undefined {
  const { columns, values } = table;
  const counts = missingCounts(table);
  const place = counts.findIndex((count) => count > 0);
  if (place < 0) return undefined;
  const first = values.findIndex((value, i) => i % columns.length === place && Number.isNaN(value));
  const numbers = counts[place] === 1 ? 'a missing number' : `${counts[place]} missing numbers, the first`;
  return `column '${columns[place]!}' has ${numbers} in row ${Math.floor(first / columns.length)} (from 0)`;
}

/**
 * Of some rows, or of all, those without a missing number in some columns, or in all; in the order of `rows`.
 *
 * @throws if a column or a row is not there.
 */
export function completeRows(
  table: Table,
  options: { rows?: ArrayLike<number>; columns?: readonly ColumnReference[] } = {},
): Uint32Array {
  checkTable('completeRows', table);
  checkOptions('completeRows', options, 'rows columns');
  const { rows, columns } = options;
  checkColumns('completeRows', columns);
  if (rows !== undefined) checkRows('completeRows', rows, table.rows);
  const places = placesIn(table, columns, 'completeRows');
  const width = table.columns.length;
  const all = rows ? Uint32Array.from(rows) : everyRow(table.rows);
  return all.filter((row) => places.every((place) => !Number.isNaN(table.values[row * width + place])));
}

export interface ImputeOptions {
  /** The rows whose mean or median is taken: those of the training part, never of the test part. */
  readonly rows: ArrayLike<number>;
  readonly by: 'mean' | 'median';
  /** The columns that are filled; all if left out. Labels should not be: leave such rows out with `completeRows`. */
  readonly columns?: readonly ColumnReference[];
}

/**
 * A table in which missing numbers are filled, in all rows, by the mean or median that their column has in the rows
 * given.
 *
 * @throws if a column or a row is not there, or a column has missing numbers and no other in the rows given.
 */
export function impute(table: Table, options: ImputeOptions): Table {
  checkTable('impute', table);
  checkOptions('impute', options, 'rows by columns', true);
  const { rows, by, columns } = options;
  checkRows('impute', rows, table.rows);
  if (by === undefined) throw new Error("impute: by what? by must be 'mean' or 'median'");
  checkChoice('impute', 'by', by, ['mean', 'median']);
  checkColumns('impute', columns);
  const counts = missingCounts(table);
  const gappy = placesIn(table, columns, 'impute').filter((place) => counts[place]! > 0);
  return fillIn(table, gappy, fillings(table, { rows, by, columns: gappy }));
}

/**
 * What `impute` fills with: the mean or median of each column in the rows given, also where nothing is missing.
 *
 * @throws if a column is not there, or has no number in the rows given.
 */
export function fillings(table: Table, { rows, by, columns }: ImputeOptions): number[] {
  const width = table.columns.length;
  return placesIn(table, columns, 'impute').map((place) => {
    const known = Array.from(rows, (row) => table.values[row * width + place]!).filter(
      (value) => !Number.isNaN(value),
    );
    if (known.length > 0) return by === 'mean' ? meanOf(known) : median(known);
    throw new Error(
      `impute: column '${table.columns[place]!}' has no number in the ${rows.length} rows to take its ${by} from; ` +
        'leave the column out',
    );
  });
}

/**
 * A table in which the missing numbers of some columns are a number for each.
 *
 * @throws if a column is not there.
 */
export function fillIn(table: Table, columns: readonly ColumnReference[], numbers: readonly number[]): Table {
  const width = table.columns.length;
  const values = table.values.slice();
  for (const [k, place] of placesIn(table, columns, 'fillIn').entries())
    for (let i = place; i < values.length; i += width) if (Number.isNaN(values[i])) values[i] = numbers[k]!;
  return { ...table, values };
}

function placesIn({ columns }: Table, chosen: readonly ColumnReference[] | undefined, who: string): number[] {
  const fail = (problem: string) => {
    throw new Error(`${who}: ${problem}`);
  };
  return chosen ? placesOf(columns, chosen, fail) : [...columns.keys()];
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Refuses places that a table of so many rows does not have. */
function checkRows(where: string, rows: ArrayLike<number>, count: number): void {
  checkNumberList(`${where}: rows`, rows, true);
  for (let i = 0; i < rows.length; i++)
    if (rows[i]! >= count)
      throw new Error(`${where}: there is no row ${rows[i]}; the table has ${count}, numbered from 0`);
}
