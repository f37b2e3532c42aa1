/** What a data set is: typed arrays, and the standardisation that training needs. Data sets import `base/` alone. */
import { checkList, checkNamed, checkNumber, checkNumberList, inWords } from '../base/borders.ts';

/** Named columns of numbers, as a file has them. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: number;
  /** Row by row, rows × columns of them; NaN where one is missing. */
  readonly values: Float32Array | Float64Array;
  /** For each row, what it belongs to, such as a person: a split keeps the rows of one group on one side. */
  readonly groups?: readonly string[];
  /** The column whose values are numbers of classes, if one is. */
  readonly classes?: ClassColumn;
  /** All columns of the file, where some were not read: the numbers of columns count these. */
  readonly fileColumns?: readonly string[];
}

/** Images that lie in a table which other data sets may share: image i of theirs is image `rows[i]` of it. */
export interface SharedPixels {
  readonly pixels: Uint8Array;
  readonly rows: Uint32Array;
}

/** A column whose values are classes. */
export interface ClassColumn {
  /** Its name in the table, where its values are places in `names`; NaN where one is missing. */
  readonly column: string;
  readonly names: readonly string[];
}

/** Rows of inputs and outputs, row-major. */
export interface Samples {
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
  /** Of images the bytes of their pixels, image after image. */
  readonly x: Float32Array | Float64Array | Uint8Array;
  readonly y: Float32Array | Float64Array;
  /** Where images were taken from, if `x` is only a copy of them, made whenever it is asked for. */
  readonly shared?: SharedPixels;
  /** Numbers beside an image, as many a row: the head's pose. */
  readonly extras?: Float32Array;
  /** What a teacher from elsewhere predicts for the labels, in their units. */
  readonly teacher?: Float64Array;
  /** Of a table with groups: whose each row is. */
  readonly groups?: readonly string[];
}

/** What there is to know of a data set of pictures of persons, whose labels are angles in degrees. */
export interface PictureFacts {
  readonly height: number;
  readonly width: number;
  readonly people: readonly string[];
  /** Whose picture each row is: a place in `people`. */
  readonly trainPerson: Uint16Array;
  readonly testPerson: Uint16Array;
  /** Training labels without the errors that were put into them; missing if nobody knows those. */
  readonly trainTruth?: Float32Array;
}

/** What stands for a missing input: of each column its mean or median in the training part, in the order of inputs. */
export interface Filling {
  readonly by: 'mean' | 'median';
  readonly values: readonly number[];
}

/** Channels, height and width of images: a row's inputs are their pixels, plane after plane. */
export interface ImageSizes {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

export interface Dataset {
  readonly name: string;
  /** Where labels are classes, numbers from 0: their names. */
  readonly classes?: readonly string[];
  /** Of images; where they show persons `pictures` says so. */
  readonly image?: ImageSizes;
  /** Of a table whose missing inputs are filled. */
  readonly filling?: Filling;
  readonly pictures?: PictureFacts;
  readonly train: Samples;
  /** For data made here, its labels are the clean function. */
  readonly test: Samples;
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

/** Refuses what is no table, or has not as many values as rows and columns say. */
export function checkTable(where: string, table: Table): void {
  checkNamed(where, table, 'columns rows values');
  const { columns, rows, values, groups } = table;
  checkList(where, 'columns of the table', columns);
  checkNumberList(`${where}: values of the table`, values);
  if (values.length !== rows * columns.length)
    throw new Error(
      `${where}: the table has ${values.length} values for ${inWords(rows)} rows of ${columns.length} columns; wants one for each row and column`,
    );
  if (groups === undefined) return;
  checkList(where, 'groups of the table', groups);
  if (groups.length !== rows)
    throw new Error(`${where}: the table has ${groups.length} groups for ${rows} rows; wants one a row`);
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

/** Mean and standard deviation of each column. */
export interface Scale {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** Statistics of the training part, which every other part is scaled by too. A constant column keeps its scale. */
export function scaleOf(values: ArrayLike<number>, columns: number): Scale {
  checkNumberList('scaleOf', values);
  checkNumber('scaleOf', 'columns', columns, { from: 1, isWhole: true });
  checkWhole('scaleOf', values, columns);
  const rows = values.length / columns;
  const mean = new Array<number>(columns).fill(0);
  const squares = new Array<number>(columns).fill(0);
  for (let i = 0; i < values.length; i++) mean[i % columns]! += values[i]! / rows;
  // The mean of a constant column may be off by rounding, and its deviation would be nothing else.
  const isConstant = new Array<boolean>(columns).fill(true);
  for (let i = columns; i < values.length; i++)
    if (values[i] !== values[i - columns]) isConstant[i % columns] = false;
  for (let i = 0; i < columns; i++) if (isConstant[i] && rows > 0) mean[i] = values[i]!;
  for (let i = 0; i < values.length; i++)
    squares[i % columns]! += (values[i]! - mean[i % columns]!) ** 2 / rows;
  return { mean, deviation: squares.map((square) => Math.sqrt(square) || 1) };
}

export function standardise(values: ArrayLike<number>, scale: Scale): Float32Array {
  checkScaled('standardise', values, scale);
  const { mean, deviation } = scale;
  return Float32Array.from(
    values,
    (value, i) => (value - mean[i % mean.length]!) / deviation[i % mean.length]!,
  );
}

/** Back to the data's own units, in float64. */
export function unstandardise(values: ArrayLike<number>, scale: Scale): Float64Array {
  checkScaled('unstandardise', values, scale);
  const { mean, deviation } = scale;
  return Float64Array.from(
    values,
    (value, i) => value * deviation[i % mean.length]! + mean[i % mean.length]!,
  );
}

function checkScaled(where: string, values: ArrayLike<number>, scale: Scale): void {
  checkNumberList(where, values);
  checkNamed(where, scale, 'mean deviation');
  checkNumberList(`${where}: mean`, scale.mean);
  checkNumberList(`${where}: deviation`, scale.deviation);
  const [columns, others] = [scale.mean.length, scale.deviation.length];
  if (columns !== others || columns === 0)
    throw new Error(`${where}: ${columns} means and ${others} deviations; wants one of each a column`);
  checkWhole(where, values, columns);
}

/** Refuses numbers that are no whole rows: the last would be scaled as if they were. */
function checkWhole(where: string, values: ArrayLike<number>, columns: number): void {
  if (values.length % columns !== 0)
    throw new Error(`${where}: ${values.length} numbers are no whole rows of ${columns} columns`);
}

/** All of so many rows, by their places. */
export function everyRow(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, row) => row);
}

/** Some rows of a table of `width` numbers a row, in the order of `rows`. */
export function pickRows<T extends Uint8Array | Float32Array | Uint32Array>(
  values: T,
  width: number,
  rows: Uint32Array,
): T {
  const picked = new (values.constructor as new (length: number) => T)(rows.length * width);
  for (const [i, row] of rows.entries())
    picked.set(values.subarray(row * width, (row + 1) * width), i * width);
  return picked;
}
