/** A column of a Parquet file: what its type is in words, whether that is a number, and its values as numbers. */

/** As much of an element of the schema as says what a column holds. */
export interface ParquetElement {
  readonly type?: string;
  readonly converted_type?: string;
  readonly logical_type?: { readonly type: string };
  readonly repetition_type?: string;
}

export interface ParquetColumn {
  readonly name: string;
  /** In words: 'double', 'string', 'timestamp', …. */
  readonly type: string;
  /** Numbers and booleans are. */
  readonly isNumeric: boolean;
}

/** By logical type, or by the older converted type; those that are not here are numbers. */
const others: Readonly<Record<string, string>> = {
  STRING: 'string',
  UTF8: 'string',
  ENUM: 'string',
  JSON: 'JSON',
  BSON: 'BSON',
  UUID: 'UUID',
  DATE: 'date',
  TIME: 'time',
  TIME_MILLIS: 'time',
  TIME_MICROS: 'time',
  TIMESTAMP: 'timestamp',
  TIMESTAMP_MILLIS: 'timestamp',
  TIMESTAMP_MICROS: 'timestamp',
  INTERVAL: 'interval',
  VARIANT: 'variant',
  GEOMETRY: 'geometry',
  GEOGRAPHY: 'geography',
};

export function describeColumn(name: string, element: ParquetElement, isNested: boolean): ParquetColumn {
  const { type = '', converted_type: converted, logical_type: logical } = element;
  const other = (type: string) => ({ name, type, isNumeric: false });
  if (isNested || element.repetition_type === 'REPEATED') return other('list or struct');
  const known = others[logical?.type ?? ''] ?? others[converted ?? ''];
  if (known) return other(known);
  if (type === 'INT96') return other('timestamp');
  // Where the older type does not say it too, hyparquet gives the digits without their point.
  if (converted === 'DECIMAL') return { name, type: 'decimal', isNumeric: true };
  if (logical?.type === 'DECIMAL') return other('decimal of an unknown scale');
  if (logical?.type === 'FLOAT16') return { name, type: 'float16', isNumeric: true };
  if (type.endsWith('BYTE_ARRAY')) return other('bytes');
  return { name, type: type.toLowerCase(), isNumeric: true };
}

const FLOAT32_MAX = 3.4028234663852886e38;

/**
 * The number of a cell; NaN for a null. `fail` is called for what is not one: an integer that float64 cannot hold exactly,
 * infinity, or what is beyond float32.
 */
export function numberOfCell(cell: unknown, fail: (problem: string) => never): number {
  if (cell === null || cell === undefined) return NaN;
  if (typeof cell === 'boolean') return cell ? 1 : 0;
  if (typeof cell === 'bigint') {
    const value = Number(cell);
    return Number.isSafeInteger(value) ? value : fail(`${cell} has more digits than a number can hold, 2^53`);
  }
  if (typeof cell !== 'number') return fail(`wants a number, got ${typeof cell}`);
  if (Math.abs(cell) === Infinity) return fail(`${cell} is not finite; fill in a number, or remove the row`);
  if (Math.abs(cell) > FLOAT32_MAX) return fail(`${cell} is beyond float32, 3.4e38; use a larger unit`);
  return cell;
}

/** What a row belongs to, as text. */
export function groupOfCell(cell: unknown, fail: (problem: string) => never): string {
  if (typeof cell === 'string') return cell;
  if (typeof cell === 'number' || typeof cell === 'bigint' || typeof cell === 'boolean') return String(cell);
  const came = cell === null || cell === undefined ? 'nothing' : typeof cell;
  return fail(`wants the row's group as text or a number, got ${came}`);
}
