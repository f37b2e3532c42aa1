/** A column of a table whose values are names of classes: which there are, and each row's by its number. */
import type { ClassColumn, Table } from './dataset.ts';

/** More are no classes, but texts, or numbers to be predicted as such. */
const MOST_CLASSES = 65_535;

/**
 * The classes of rows by their names, in order: numbers by size, else texts by their characters. A row without one has NaN.
 *
 * @throws Error in words that follow the column's name, if names are decimal numbers, or there are fewer than two or too many.
 */
export function classesOf(texts: readonly (string | undefined)[]): {
  names: readonly string[];
  numbers: Float64Array;
} {
  const found = [...new Set(texts)].filter((name) => name !== undefined);
  const areNumbers = found.every((name) => Number.isFinite(Number(name)));
  const decimal = areNumbers ? found.find((name) => !Number.isInteger(Number(name))) : undefined;
  if (decimal !== undefined)
    throw new Error(`holds numbers such as ${decimal}; classes are texts or whole numbers`);
  if (found.length < 2)
    throw new Error(
      found.length === 0 ? 'has no class in any row' : `has one class, '${found[0]}'; wants at least two`,
    );
  if (found.length > MOST_CLASSES)
    throw new Error(`has ${found.length} different values, more than ${MOST_CLASSES} classes`);
  const names = areNumbers
    ? found.toSorted((a, b) => Number(a) - Number(b))
    : found.toSorted((a, b) => (a < b ? -1 : Number(a > b)));
  const places = new Map(names.map((name, place) => [name, place]));
  const numbers = Float64Array.from(texts, (name) => (name === undefined ? NaN : places.get(name)!));
  return { names, numbers };
}

/**
 * Writes the number of each row's class into `values`, rows × `width` numbers, at `place`.
 *
 * @throws as `classesOf`, with the column's name before.
 */
export function writeClasses(
  column: string,
  texts: readonly (string | undefined)[],
  { values, width, place }: { values: Float64Array; width: number; place: number },
): ClassColumn {
  try {
    if (place < 0) throw new Error('holds classes, and is not read; choose it too');
    const { names, numbers } = classesOf(texts);
    for (const [row, number] of numbers.entries()) values[row * width + place] = number;
    return { column, names };
  } catch (error) {
    throw new Error(`column '${column}' ${(error as Error).message}`, { cause: error });
  }
}

/**
 * A table of numbers with one of its columns as classes, each called by its number.
 *
 * @throws Error that names the column, as `classesOf`.
 */
export function withClasses(table: Table, column: string): Table {
  const place = table.columns.indexOf(column);
  const width = table.columns.length;
  const texts = Array.from({ length: table.rows }, (_, row) => {
    const value = table.values[row * width + place]!;
    return Number.isNaN(value) ? undefined : String(value);
  });
  const values = Float64Array.from(table.values);
  return { ...table, values, classes: writeClasses(column, texts, { values, width, place }) };
}
