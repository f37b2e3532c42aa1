/** A table as a data set: rows dealt into training and test, columns into inputs and labels, labels perhaps spoilt. */
import { checkChoice, checkNamed, checkNumber, checkNumberList, checkOptions } from '../base/borders.ts';
import { checkColumns, checkColumn, type ColumnReference, placesOf, readPlacesOf } from './columns.ts';
import {
  checkTable,
  checkRandom,
  type Dataset,
  type Samples,
  scaleOf,
  type Table,
  everyRow,
} from './dataset.ts';
import { completeRows, describeGap, fillIn, fillings, missingCounts } from './missing.ts';
import { replaced } from './class-noise.ts';
import { groupSplit, randomSplit, type RowSplit, stratifiedSplit, type UniformSource } from './row-splits.ts';

/**
 * What is done about missing numbers: rows with one are left out, or an input is replaced by its column's mean or median
 * in the training part. Labels and a teacher's predictions are never made up: rows without one are left out in any case.
 */
export type MissingRule = 'drop' | 'mean' | 'median';

export interface TableDatasetOptions {
  /** Where the split and the outliers come from. */
  random: UniformSource;
  /** Columns to predict, by name or number; the last one if left out. All others are inputs. */
  target?: ColumnReference | readonly ColumnReference[];
  /** Columns that hold what a teacher predicts for each target, in the order of the targets; they are no inputs. */
  teacher?: readonly ColumnReference[];
  /** Share of rows that are held out, rounded to at least one row, or one group; of classes the same share of each. */
  testShare?: number;
  /** The rows of the two parts. If left out they are dealt at random, in whole groups if the table has groups, else class by class if it has classes. */
  split?: RowSplit;
  /** If left out a missing number is an error. */
  missing?: MissingRule;
  /** Probability that a training label is contaminated: of classes replaced by another one. Test labels stay as they are. */
  outlierShare?: number;
  /** A contaminated label is off by U[-outlierSize, outlierSize] standard deviations of its column's training labels. */
  outlierSize?: number;
  name?: string;
}

/** Columns of a table by name. */
export interface ColumnChoice {
  readonly inputs: readonly string[];
  readonly targets: readonly string[];
  /** With a teacher's predictions for each target; none without a teacher. */
  readonly teacher: readonly string[];
}

/**
 * @throws if a target or teacher's column is missing from the table or named twice, a target is constant or the teacher's,
 *   teacher's columns are not as many as targets, or no input is left.
 */
export function chooseColumns(
  table: Table,
  { target = [], teacher: taught = [] }: Pick<TableDatasetOptions, 'target' | 'teacher'>,
): ColumnChoice {
  const { columns, rows } = table;
  const given = typeof target === 'object' ? target : [target];
  const fail = (problem: string): never => {
    throw new Error(`tableDataset: target: ${problem}`);
  };
  // The last one that was read, if nobody says; else by the numbers of the file.
  const places = given.length > 0 ? readPlacesOf(table, given, fail) : placesOf(columns, [-1], fail);
  const targets = places.map((place) => columns[place]!);
  const teacher = teacherColumns(table, taught, targets);
  const others = new Set([...targets, ...teacher]);
  const inputs = columns.filter((name) => !others.has(name));
  if (inputs.length === 0)
    throw new Error(
      `tableDataset: all columns are targets (${[...targets, ...teacher].join(', ')}); inputs are missing`,
    );
  for (const name of targets) checkVaries(table, name, { rows: everyRow(rows), part: 'rows' });
  return { inputs, targets, teacher };
}

function teacherColumns(
  table: Table,
  given: readonly ColumnReference[],
  targets: readonly string[],
): string[] {
  if (given.length === 0) return [];
  const fail = (problem: string) => {
    throw new Error(`tableDataset: teacher's column: ${problem}`);
  };
  const names = readPlacesOf(table, given, fail).map((place) => table.columns[place]!);
  const target = names.find((name) => targets.includes(name));
  if (target !== undefined) fail(`'${target}' is a target; name another column, or other targets`);
  if (names.length !== targets.length)
    fail(`${names.length} named; wants one for each target, in their order: ${targets.join(', ')}`);
  return names;
}

/**
 * The rows that a data set is made of: all, less those that `missing` leaves out.
 *
 * @throws if a number is missing and there is no rule.
 */
export function usableRows(
  table: Table,
  { inputs, targets, teacher }: ColumnChoice,
  missing?: MissingRule,
): Uint32Array {
  const labels = [...targets, ...teacher];
  if (missing) return completeRows(table, { columns: missing === 'drop' ? [...inputs, ...labels] : labels });
  const gap = describeGap(table);
  if (gap === undefined) return everyRow(table.rows);
  throw new Error(`tableDataset: ${gap}; say what to do about it: drop, mean or median`);
}

/** Rows of a table that a data set of it leaves out, and the columns that made them be. */
export interface LeftOut {
  /** Of how many. */
  readonly of: number;
  readonly rows: number;
  /** How many rows lack a number in it, the most first. */
  readonly columns: readonly { readonly name: string; readonly rows: number }[];
}

/** What `missing` leaves out of the columns chosen; undefined where nothing is. */
export function leftOutRows(table: Table, choice: ColumnChoice, missing?: MissingRule): LeftOut | undefined {
  if (!missing) return undefined;
  const rows = table.rows - usableRows(table, choice, missing).length;
  if (rows === 0) return undefined;
  const { inputs, targets, teacher } = choice;
  const wanted = new Set([...(missing === 'drop' ? inputs : []), ...targets, ...teacher]);
  const counts = missingCounts(table);
  const columns = table.columns.flatMap((name, i) =>
    wanted.has(name) && counts[i]! > 0 ? [{ name, rows: counts[i]! }] : [],
  );
  return { of: table.rows, rows, columns: columns.toSorted((a, b) => b.rows - a.rows) };
}

/**
 * Without a split the rows are dealt in an order that the random numbers give, so each seed has a split of its own.
 * `outlier` is there only if labels were contaminated: nobody knows what is wrong with the others.
 *
 * @throws on a missing column, a target that is constant in the training part, a missing number without a rule, a share
 *   out of range, rows that the table does not have, or a part without rows.
 */
export function tableDataset(table: Table, options: TableDatasetOptions): Dataset {
  checkTable('tableDataset', table);
  checkGiven(options);
  const { random, missing, outlierShare = 0, outlierSize = 3, name = 'table' } = options;
  const choice = chooseColumns(table, options);
  const { inputs, targets, teacher } = choice;
  const own = table.classes;
  const classes = own && targets.length === 1 && targets[0] === own.column ? own.names : undefined;
  const split = splitOf(table, usableRows(table, choice, missing), options, classes && targets[0]);
  if (classes) checkLearnt(table, classes, split);
  for (const target of targets) checkVaries(table, target, { rows: split.train, part: 'training rows' });
  const by = missing === 'drop' ? undefined : missing;
  const filling = by && { by, values: fillings(table, { rows: split.train, by, columns: inputs }) };
  const full = filling ? fillIn(table, inputs, filling.values) : table;
  const samples = (rows: Uint32Array): Samples => ({
    rows: rows.length,
    inputs: inputs.length,
    outputs: targets.length,
    x: pick(full, rows, inputs),
    y: pick(full, rows, targets),
    ...(teacher.length > 0 ? { teacher: pick(full, rows, teacher) } : {}),
    ...(table.groups ? { groups: Array.from(rows, (row) => table.groups![row]!) } : {}),
  });
  const [train, test] = [samples(split.train), samples(split.test)];
  const dataset = { name, ...(classes ? { classes } : {}), ...(filling ? { filling } : {}), train, test };
  if (outlierShare === 0) return dataset;
  const count = train.y.length;
  const [chance, size] = [random.uniform(count, 1), random.uniform(count, 2)];
  if (classes) {
    const { labels, isReplaced } = replaced(train.y, {
      classes: classes.length,
      share: outlierShare,
      chance,
      which: size,
    });
    return { ...dataset, train: { ...train, y: labels }, outlier: isReplaced };
  }
  const { deviation } = scaleOf(train.y, targets.length);
  const outlier = Uint8Array.from(chance, (u) => (u < outlierShare ? 1 : 0));
  const y = train.y.map((value, i) =>
    outlier[i] ? value + outlierSize * deviation[i % targets.length]! * (2 * size[i]! - 1) : value,
  );
  return { ...dataset, train: { ...train, y }, outlier };
}

const OPTIONS = 'random target teacher testShare split missing outlierShare outlierSize name';

function checkGiven(options: TableDatasetOptions): void {
  const where = 'tableDataset';
  checkOptions(where, options, OPTIONS, true);
  const { random, target, teacher, split, missing, outlierShare = 0, outlierSize = 0 } = options;
  checkRandom(where, random, 'uniform');
  if (Array.isArray(target)) checkColumns(where, target as readonly ColumnReference[]);
  else checkColumn(where, 'target', target as ColumnReference | undefined);
  checkColumns(where, teacher);
  checkChoice(where, 'missing', missing, ['drop', 'mean', 'median']);
  checkNumber(where, 'outlierShare', outlierShare, { from: 0, to: 1 });
  checkNumber(where, 'outlierSize', outlierSize, { from: 0 });
  if (split === undefined) return;
  checkNamed(`${where}: split`, split, 'train test');
  checkNumberList(`${where}: split.train`, split.train, true);
  checkNumberList(`${where}: split.test`, split.test, true);
}

function splitOf(
  table: Table,
  usable: Uint32Array,
  { random, testShare = 0.2, split }: TableDatasetOptions,
  /** The column of classes whose shares are kept. */
  column: string | undefined,
): RowSplit {
  if (split) return usablePart(split, usable, table.rows);
  const { groups } = table;
  const { train, test } = groups
    ? groupSplit(
        Array.from(usable, (row) => groups[row]!),
        { random, testShare },
      )
    : column === undefined
      ? randomSplit(usable.length, { random, testShare })
      : stratifiedSplit(pick(table, usable, [column]), { random, testShare });
  return { train: train.map((place) => usable[place]!), test: test.map((place) => usable[place]!) };
}

function usablePart({ train, test }: RowSplit, usable: Uint32Array, rows: number): RowSplit {
  const isUsable = new Uint8Array(rows);
  for (const row of usable) isUsable[row] = 1;
  const part = (all: Uint32Array, what: string) => {
    const beyond = all.find((row) => row >= rows);
    if (beyond !== undefined)
      throw new Error(`tableDataset: row ${beyond} is in the split, and the table has ${rows}`);
    const kept = all.filter((row) => isUsable[row] === 1);
    if (kept.length === 0)
      throw new Error(`tableDataset: the ${what} part of the split has no row without missing numbers`);
    return kept;
  };
  return { train: part(train, 'training'), test: part(test, 'test') };
}

/** Nothing can be said of a class that is in the test part alone. */
function checkLearnt(table: Table, names: readonly string[], { train, test }: RowSplit): void {
  const { column } = table.classes!;
  const learnt = new Set(pick(table, train, [column]));
  const stranger = pick(table, test, [column]).find((label) => !learnt.has(label));
  if (stranger !== undefined)
    throw new Error(
      `tableDataset: class '${names[stranger]}' of '${column}' is in the test part alone; it wants a row to learn from: ` +
        'another split, other groups, or without that class',
    );
}

function checkVaries(
  table: Table,
  target: string,
  { rows, part }: { rows: Uint32Array; part: string },
): void {
  const labels = pick(table, rows, [target]).filter((value) => !Number.isNaN(value));
  if (labels.length === 0) throw new Error(`tableDataset: target '${target}' is missing in all ${part}`);
  if (rows.length > 1 && labels.every((value) => value === labels[0]))
    throw new Error(
      `tableDataset: target '${target}' is ${labels[0]} in all ${rows.length} ${part}; there is nothing to learn`,
    );
}

function pick(table: Table, rows: Uint32Array, columns: readonly string[]): Float64Array {
  const places = placesOf(table.columns, columns, (problem) => {
    throw new Error(`tableDataset: ${problem}`);
  });
  const picked = new Float64Array(rows.length * places.length);
  for (const [i, row] of rows.entries()) {
    for (const [j, place] of places.entries())
      picked[i * places.length + j] = table.values[row * table.columns.length + place]!;
  }
  return picked;
}
