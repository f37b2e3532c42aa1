/** What a data set is: typed arrays, and the standardisation that training needs. Datasets import nothing. */

/** Rows of inputs and outputs, row-major. */
export interface Table {
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly x: Float32Array;
  readonly y: Float32Array;
}

export interface Dataset {
  readonly name: string;
  readonly train: Table;
  /** For data made here, its labels are the clean function. */
  readonly test: Table;
  /** 1 where a training label is known to be contaminated; a number for each label. */
  readonly outlier?: Uint8Array;
}

/** Where a data set gets its randomness from: numbers that a seed and `call` determine. */
export interface RandomSource {
  /** Uniform in [0, 1). */
  uniform(count: number, call: number): Float32Array;
  /** Standard normal. */
  normal(count: number, call: number): Promise<ArrayLike<number>>;
}

/** Mean and standard deviation of each column. */
export interface Scale {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** Statistics of the training part, which every other part is scaled by too. A constant column keeps its scale. */
export function scaleOf(values: ArrayLike<number>, columns: number): Scale {
  const rows = values.length / columns;
  const mean = new Array<number>(columns).fill(0);
  const squares = new Array<number>(columns).fill(0);
  for (let i = 0; i < values.length; i++) mean[i % columns]! += values[i]! / rows;
  for (let i = 0; i < values.length; i++)
    squares[i % columns]! += (values[i]! - mean[i % columns]!) ** 2 / rows;
  return { mean, deviation: squares.map((square) => Math.sqrt(square) || 1) };
}

export function standardise(values: ArrayLike<number>, { mean, deviation }: Scale): Float32Array {
  return Float32Array.from(
    values,
    (value, i) => (value - mean[i % mean.length]!) / deviation[i % mean.length]!,
  );
}

/** Back to the data's own units, in float64. */
export function unstandardise(values: ArrayLike<number>, { mean, deviation }: Scale): Float64Array {
  return Float64Array.from(
    values,
    (value, i) => value * deviation[i % mean.length]! + mean[i % mean.length]!,
  );
}

/** The rows of a table that `order` names, in that order. */
export function selectRows(table: Table, order: ArrayLike<number>): Table {
  const pick = (values: Float32Array, width: number) => {
    const picked = new Float32Array(order.length * width);
    for (let i = 0; i < order.length; i++)
      picked.set(values.subarray(order[i]! * width, (order[i]! + 1) * width), i * width);
    return picked;
  };
  return { ...table, rows: order.length, x: pick(table.x, table.inputs), y: pick(table.y, table.outputs) };
}
