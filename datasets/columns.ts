/** Columns of a table by name or number. */
import { checkList, inWords } from '../base/borders.ts';
import { quotedName } from '../base/name-list.ts';
import { nearest } from '../base/nearest-name.ts';

/**
 * A name; or a number as NumPy counts: from 0, or from the end with -1 for the last. A text that is no column's name and
 * looks like a number is one.
 */
export type ColumnReference = string | number;

/** The place of a column, from 0. `fail` is called where there is no such column. */
export function placeOf(
  columns: readonly string[],
  reference: ColumnReference,
  fail: (problem: string) => never,
): number {
  return placeIn(columns, reference, (name) => columns.indexOf(name), fail);
}

function placeIn(
  columns: readonly string[],
  reference: ColumnReference,
  indexOf: (name: string) => number,
  fail: (problem: string) => never,
): number {
  const named = typeof reference === 'string' ? indexOf(reference) : -1;
  if (named >= 0) return named;
  const number = typeof reference === 'number' ? reference : numberIn(reference);
  if (number === undefined)
    return fail(`there is no column '${reference}'${cureFor(String(reference), columns)}`);
  const place = number < 0 ? columns.length + number : number;
  if (Number.isInteger(place) && place >= 0 && place < columns.length) return place;
  return fail(
    `there is no column ${number}; columns are numbered from 0 to ${columns.length - 1}, or from the end by -1, -2, …`,
  );
}

function numberIn(text: string): number | undefined {
  return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function cureFor(name: string, columns: readonly string[]): string {
  const meant = nearest(name, columns);
  if (meant === undefined) return `; there are ${listOf(columns)}`;
  const isList = meant.includes(',');
  return `, did you mean ${isList ? `'${quotedName(meant)}', in double quotes because of its comma` : `'${meant}'`}?`;
}

function listOf(names: readonly string[]): string {
  const shown = names.slice(0, 20).map((name) => `'${name}'`);
  return names.length > 20 ? `${shown.join(', ')} and ${names.length - 20} more` : shown.join(', ');
}

/** Places of several columns in their order. `fail` is called for one that is missing or chosen twice, and for an empty choice. */
export function placesOf(
  columns: readonly string[],
  references: readonly ColumnReference[],
  fail: (problem: string) => never,
): number[] {
  if (references.length === 0) return fail('no column is chosen; name some, or leave the choice out');
  const first = new Map<string, number>();
  for (const [i, name] of columns.entries()) if (!first.has(name)) first.set(name, i);
  const indexOf = (name: string) => first.get(name) ?? -1;
  const places = references.map((reference) => placeIn(columns, reference, indexOf, fail));
  const seen = new Set<number>();
  const again = places.find((place) => seen.size === seen.add(place).size);
  return again === undefined ? places : fail(`column '${columns[again]!}' is chosen twice; name it once`);
}

/**
 * The place in a table of a column that its file has: numbers count the columns of the file, whichever of them were read.
 * `fail` is called where it is not among those.
 */
export function readPlacesOf(
  {
    columns,
    fileColumns = columns,
  }: { columns: readonly string[]; fileColumns?: readonly string[] | undefined },
  references: readonly ColumnReference[],
  fail: (problem: string) => never,
): number[] {
  if (fileColumns === columns) return placesOf(columns, references, fail);
  return placesOf(fileColumns, references, fail).map((place) => {
    const read = columns.indexOf(fileColumns[place]!);
    if (read >= 0) return read;
    return fail(`column '${fileColumns[place]!}' is in the file, and was not read; choose it too`);
  });
}

/** Refuses what is no list of names and numbers of columns; it may be left out. */
export function checkColumns(where: string, columns: readonly ColumnReference[] | undefined): void {
  if (columns === undefined) return;
  checkList(where, 'columns', columns);
  for (const column of columns) checkColumn(where, 'a column', column);
}

export function checkColumn(where: string, name: string, column: ColumnReference | undefined): void {
  if (!['string', 'number', 'undefined'].includes(typeof column))
    throw new Error(`${where}: ${name} must be its name or number, got ${inWords(column)}`);
}
