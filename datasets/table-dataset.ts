/** A table as a data set: rows dealt into training and test, columns into inputs and labels, labels perhaps spoilt. */
import { type Dataset, type RandomSource, type Samples, scaleOf, type Table } from './dataset.ts';

export interface TableDatasetOptions {
  /** Where the split and the outliers come from. */
  random: RandomSource;
  /** Columns to predict, the last one if left out; all others are inputs. */
  target?: string | readonly string[];
  /** Share of rows that are held out, rounded to at least one row. */
  testShare?: number;
  /** Probability that a training label is contaminated. Test labels stay as they are. */
  outlierShare?: number;
  /** A contaminated label is off by U[-outlierSize, outlierSize] standard deviations of its column's training labels. */
  outlierSize?: number;
  name?: string;
}

/** Rows of the two parts: a study plans with them before it deals any. */
export function splitRows(rows: number, testShare: number): { trainRows: number; testRows: number } {
  if (!(testShare > 0 && testShare < 1))
    throw new Error(`tableDataset: testShare must lie in (0, 1), got ${testShare}`);
  if (rows < 2) throw new Error(`tableDataset: ${rows} rows cannot be split; a table needs at least 2`);
  const testRows = Math.min(rows - 1, Math.max(1, Math.round(rows * testShare)));
  return { trainRows: rows - testRows, testRows };
}

/** Columns of a table by name. */
export interface ColumnChoice {
  readonly inputs: readonly string[];
  readonly targets: readonly string[];
}

/** @throws if a target is missing from the table or named twice, or no input is left. */
export function chooseColumns({ columns }: Table, target?: string | readonly string[]): ColumnChoice {
  const given = typeof target === 'string' ? [target] : (target ?? []);
  const targets = given.length > 0 ? given : columns.slice(-1);
  for (const [i, name] of targets.entries()) {
    if (!columns.includes(name))
      throw new Error(`tableDataset: no column '${name}' to predict; there are ${columns.join(', ')}`);
    if (targets.indexOf(name) !== i) throw new Error(`tableDataset: target '${name}' is named twice`);
  }
  const inputs = columns.filter((name) => !targets.includes(name));
  if (inputs.length === 0)
    throw new Error(`tableDataset: all columns are targets (${targets.join(', ')}); inputs are missing`);
  return { inputs, targets };
}

/**
 * Deals the rows in an order that the random numbers give, so each seed has a split of its own. `outlier` is there only
 * if labels were contaminated: nobody knows what is wrong with the others.
 *
 * @throws on a missing column, a share out of range, or a table of a single row.
 */
export function tableDataset(table: Table, options: TableDatasetOptions): Dataset {
  const { random, testShare = 0.2, outlierShare = 0, outlierSize = 3, name = 'table' } = options;
  const { inputs, targets } = chooseColumns(table, options.target);
  const { trainRows } = splitRows(table.rows, testShare);
  const order = shuffled(table.rows, random.uniform(table.rows, 0));
  const samples = (rows: readonly number[]): Samples => ({
    rows: rows.length,
    inputs: inputs.length,
    outputs: targets.length,
    x: pick(table, rows, inputs),
    y: pick(table, rows, targets),
  });
  const [train, test] = [samples(order.slice(0, trainRows)), samples(order.slice(trainRows))];
  if (outlierShare === 0) return { name, train, test };
  const count = train.y.length;
  const [chance, size] = [random.uniform(count, 1), random.uniform(count, 2)];
  const { deviation } = scaleOf(train.y, targets.length);
  const outlier = Uint8Array.from(chance, (u) => (u < outlierShare ? 1 : 0));
  const y = train.y.map((value, i) =>
    outlier[i] ? value + outlierSize * deviation[i % targets.length]! * (2 * size[i]! - 1) : value,
  );
  return { name, train: { ...train, y }, test, outlier };
}

/** 0 … rows - 1, shuffled by Fisher and Yates. */
function shuffled(rows: number, uniform: Float32Array): number[] {
  const order = Array.from({ length: rows }, (_, i) => i);
  for (let i = rows - 1; i > 0; i--) {
    const j = Math.floor(uniform[i]! * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

function pick(table: Table, rows: readonly number[], columns: readonly string[]): Float64Array {
  const places = columns.map((name) => table.columns.indexOf(name));
  const picked = new Float64Array(rows.length * places.length);
  for (const [i, row] of rows.entries()) {
    for (const [j, place] of places.entries())
      picked[i * places.length + j] = table.values[row * table.columns.length + place]!;
  }
  return picked;
}
