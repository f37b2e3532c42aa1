/** Numbers of a MAT file become an array of their class: they may be stored in a smaller type. */
import type { MatClass } from './mat-value.ts';
import type { Numbers } from '../numbers.ts';

interface NumberClass {
  readonly name: MatClass;
  readonly bytes: number;
  readonly make: (length: number) => Numbers;
}

/** By the class number of an array's flags. */
export const numberClasses: ReadonlyMap<number, NumberClass> = new Map<number, NumberClass>([
  [6, { name: 'double', bytes: 8, make: (length) => new Float64Array(length) }],
  [7, { name: 'single', bytes: 4, make: (length) => new Float32Array(length) }],
  [8, { name: 'int8', bytes: 1, make: (length) => new Int8Array(length) }],
  [9, { name: 'uint8', bytes: 1, make: (length) => new Uint8Array(length) }],
  [10, { name: 'int16', bytes: 2, make: (length) => new Int16Array(length) }],
  [11, { name: 'uint16', bytes: 2, make: (length) => new Uint16Array(length) }],
  [12, { name: 'int32', bytes: 4, make: (length) => new Int32Array(length) }],
  [13, { name: 'uint32', bytes: 4, make: (length) => new Uint32Array(length) }],
  [14, { name: 'int64', bytes: 8, make: (length) => new BigInt64Array(length) }],
  [15, { name: 'uint64', bytes: 8, make: (length) => new BigUint64Array(length) }],
]);

/** `stored` itself if it has the class's type; calls `fail` with the first number that the class does not have. */
export function convertNumbers(
  stored: Numbers,
  { name, make }: NumberClass,
  fail: (problem: string) => never,
): Numbers {
  const values = make(stored.length);
  if (values.constructor === stored.constructor) return stored;
  const isBig = values instanceof BigInt64Array || values instanceof BigUint64Array;
  for (let i = 0; i < stored.length; i++) {
    const number = stored[i]!;
    let isExact: boolean;
    if (isBig) {
      if (typeof number === 'number' && !Number.isInteger(number))
        fail(`the stored number ${number} is no ${name}`);
      values[i] = BigInt(number);
      isExact = values[i] === BigInt(number);
    } else {
      (values as Float64Array)[i] = Number(number);
      isExact = values[i] === Number(number) || (Number.isNaN(number) && Number.isNaN(values[i]));
      if (typeof number === 'bigint') isExact &&= BigInt(Number(number)) === number;
    }
    if (!isExact) fail(`the stored number ${number} is no ${name}`);
  }
  return values;
}
