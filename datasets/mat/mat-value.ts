/** What a MAT file holds: arrays of numbers and characters, cells, structs. Everything is column-major, as in MATLAB. */
import type { Numbers } from '../numbers.ts';

/** MATLAB's names. */
export type MatClass =
  | 'double'
  | 'single'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64';

/** Numbers, or logicals as 0 and 1. */
export interface MatNumeric {
  readonly kind: 'numeric';
  readonly class: MatClass;
  readonly isLogical: boolean;
  /** At least two lengths; trailing ones are gone, so that a day of one image has [1, 36, 60], perhaps [36, 60]. */
  readonly shape: readonly number[];
  /** The first index runs fastest: of shape [n, r, c], element (i, j, k) is at i + n · (j + r · k). */
  readonly values: Numbers;
}

export interface MatText {
  readonly kind: 'char';
  readonly shape: readonly number[];
  /** A string a row; none if there are no characters. */
  readonly rows: readonly string[];
}

export interface MatCell {
  readonly kind: 'cell';
  readonly shape: readonly number[];
  readonly cells: readonly MatValue[];
}

export interface MatStruct {
  readonly kind: 'struct';
  readonly shape: readonly number[];
  /** Each field's values, one for every element of the struct array. A map, so that a field may have any name. */
  readonly fields: ReadonlyMap<string, readonly MatValue[]>;
}

export type MatValue = MatNumeric | MatText | MatCell | MatStruct;

/** As an error or a listing calls it: 'double [3×4]'. */
export function describeMat(value: MatValue): string {
  const what = value.kind !== 'numeric' ? value.kind : value.isLogical ? 'logical' : value.class;
  return `${what} [${value.shape.join('×')}]`;
}
