/** The data elements that a MAT file is made of: a tag with type and size, then bytes, padded to a multiple of eight. */
import { ownBytes } from '../byte-order.ts';
import type { FileFault } from '../file-error.ts';
import { MatError } from './mat-error.ts';
import type { Numbers } from '../numbers.ts';

export const elementTypes = {
  int8: 1,
  uint8: 2,
  int16: 3,
  uint16: 4,
  int32: 5,
  uint32: 6,
  single: 7,
  double: 9,
  int64: 12,
  uint64: 13,
  matrix: 14,
  compressed: 15,
  utf8: 16,
  utf16: 17,
  utf32: 18,
} as const;

const names = new Map<number, string>(Object.entries(elementTypes).map(([name, type]) => [type, name]));

/** Arrays of a type's numbers; text is not among them. */
const arrays = new Map<number, (new (buffer: ArrayBuffer) => Numbers) & { BYTES_PER_ELEMENT: number }>([
  [elementTypes.int8, Int8Array],
  [elementTypes.uint8, Uint8Array],
  [elementTypes.int16, Int16Array],
  [elementTypes.uint16, Uint16Array],
  [elementTypes.int32, Int32Array],
  [elementTypes.uint32, Uint32Array],
  [elementTypes.single, Float32Array],
  [elementTypes.double, Float64Array],
  [elementTypes.int64, BigInt64Array],
  [elementTypes.uint64, BigUint64Array],
  [elementTypes.utf16, Uint16Array],
  [elementTypes.utf32, Uint32Array],
]);

export interface MatElement {
  readonly type: number;
  /** Where its tag is. */
  readonly start: number;
  /** Where its data begin, and end without padding. */
  readonly from: number;
  readonly to: number;
  /** Where the next element begins. */
  readonly next: number;
}

export interface MatSource {
  readonly bytes: Uint8Array;
  readonly littleEndian: boolean;
  readonly where: string;
  readonly inflatedFrom?: number;
}

/** Bytes of a file, or of one compressed piece of it. */
export class MatElements {
  readonly bytes: Uint8Array;
  readonly littleEndian: boolean;
  readonly #view: DataView;
  readonly #source: MatSource;

  constructor(source: MatSource) {
    this.bytes = source.bytes;
    this.littleEndian = source.littleEndian;
    this.#source = source;
    this.#view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
  }

  fail(offset: number, problem: string, fault: FileFault = 'format'): never {
    const { where, inflatedFrom } = this.#source;
    throw new MatError({ where, offset, inflatedFrom }, problem, fault);
  }

  /** The element at a place; `end` is where what contains it ends. */
  at(start: number, end: number): MatElement {
    if (start + 8 > end) this.fail(start, `wants the 8 bytes of a tag, ${Math.max(0, end - start)} are left`);
    const word = this.#view.getUint32(start, this.littleEndian);
    // Up to four bytes of data stand inside of the tag.
    const smallSize = word >>> 16;
    if (smallSize > 0) {
      if (smallSize > 4) this.fail(start, `a small element wants 1 to 4 bytes, got ${smallSize}`);
      const from = start + 4;
      return { type: word & 0xffff, start, from, to: from + smallSize, next: start + 8 };
    }
    const from = start + 8;
    const size = this.#view.getUint32(start + 4, this.littleEndian);
    const to = from + size;
    if (to > end)
      this.fail(start, `wants ${size} bytes of data, ${end - from} are left: the file is cut off`);
    // Compressed elements are not padded. The last padding of a file may be missing.
    const padded = word === elementTypes.compressed ? to : from + Math.ceil(size / 8) * 8;
    return { type: word, start, from, to, next: Math.min(padded, end) };
  }

  /** The element at a place, of one of these types. */
  want(start: number, end: number, what: string, types: readonly number[]): MatElement {
    const element = this.at(start, end);
    if (!types.includes(element.type)) {
      const wanted = types.map(typeName).join(' or ');
      this.fail(start, `${what} wants an element of type ${wanted}, got ${typeName(element.type)}`);
    }
    return element;
  }

  dataOf({ from, to }: MatElement): Uint8Array {
    return this.bytes.subarray(from, to);
  }

  /** Its numbers, in the type in which they are stored. */
  numbersOf(element: MatElement): Numbers {
    const size = this.numberSizeOf(element);
    const NumberArray = arrays.get(element.type)!;
    return new NumberArray(ownBytes(this.dataOf(element), { size, littleEndian: this.littleEndian }));
  }

  /** Bytes a number; the element holds a whole number of them. */
  numberSizeOf({ type, start, from, to }: MatElement): number {
    const size = arrays.get(type)?.BYTES_PER_ELEMENT;
    if (!size) this.fail(start, `wants numbers, got an element of type ${typeName(type)}`);
    if ((to - from) % size !== 0)
      this.fail(start, `${to - from} bytes are no whole number of ${typeName(type)}, of ${size} bytes each`);
    return size;
  }
}

export function typeName(type: number): string {
  return names.get(type) ?? `${type}, which the format does not have`;
}
