/** What the functions about data sets are given: tables, folders, sources of random numbers, rows. */
import { checkList, checkNamed, checkNumberList, inWords } from '../base/borders.ts';
import type { ColumnReference } from './columns.ts';
import type { RandomSource, Table } from './dataset.ts';
import type { Folder } from './folder.ts';

export function checkTable(where: string, table: Table): void {
  checkNamed(where, table, 'columns rows values');
  const { columns, rows, values, groups } = table;
  checkList(where, 'columns of the table', columns);
  checkNumberList(`${where}: values of the table`, values);
  if (values.length !== rows * columns.length)
    throw new Error(
      `${where}: the table has ${values.length} values; ${inWords(rows)} rows of ${columns.length} columns want as many as both together`,
    );
  if (groups === undefined) return;
  checkList(where, 'groups of the table', groups);
  if (groups.length !== rows)
    throw new Error(`${where}: the table has ${groups.length} groups for ${rows} rows; wants one a row`);
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

/** Refuses places that a table of so many rows does not have. */
export function checkRows(where: string, rows: ArrayLike<number>, count: number): void {
  checkNumberList(`${where}: rows`, rows, true);
  for (let i = 0; i < rows.length; i++)
    if (rows[i]! >= count)
      throw new Error(`${where}: there is no row ${rows[i]}; the table has ${count}, numbered from 0`);
}

/** Refuses a `random` without the functions `names`. */
export function checkRandom(
  where: string,
  random: Partial<RandomSource>,
  ...names: (keyof RandomSource)[]
): void {
  if (names.every((name) => typeof random?.[name] === 'function')) return;
  const wants = names.map((name) => `${name}(count, call)`).join(', ');
  throw new Error(`${where}: random must be a source of numbers, { ${wants} }, got ${inWords(random)}`);
}

export function checkFolder(where: string, folder: Folder): void {
  if (typeof folder?.list !== 'function' || typeof folder.read !== 'function')
    throw new Error(
      `${where}: wants a folder, such as openFolder(path) of 'limbeck/node' gives, got ${inWords(folder)}`,
    );
}
