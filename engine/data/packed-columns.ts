/** Columns of a data set in as few bytes as they need: four, two or one a number; integers in four. */
import { halfBits } from '../../kernels/training/half.ts';
import { STORAGE_BYTES, type Storage } from '../../kernels/training/batch.ts';

/** Values row by row, `width` numbers a row; the tables of several seeds one after another. */
export interface Column {
  readonly values: ArrayLike<number>;
  readonly width: number;
  /**
   * How the numbers lie on the GPU; in a batch they are float32, but for 'u32'. 'f16' rounds them to half precision, 'u8' wants
   * integers from 0 to 255. 'u32' is for class labels, indices and sequences of items: integers from 0 to 2^32 - 1, also in the
   * batch. If left out, 'u8' for a Uint8Array or a Uint8ClampedArray, as pixels come, 'u32' for a Uint32Array; otherwise 'f32'.
   */
  readonly storage?: Storage;
  /**
   * Of several seeds that share one table, which is kept once: the rows of `values` that each seed's data set is made of, as many for
   * every seed. If left out, the tables lie one after another.
   */
  readonly rows?: readonly Uint32Array[] | undefined;
}

const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

export function storageOf({ storage, values }: Column): Storage {
  const isBytes = values instanceof Uint8Array || values instanceof Uint8ClampedArray;
  return storage ?? (isBytes ? 'u8' : values instanceof Uint32Array ? 'u32' : 'f32');
}

/** Columns of both kinds, one after another; a packed one begins at a whole word. */
export interface PackedColumns {
  /** Those of 'f32'. */
  readonly floats: Float32Array;
  /** The others. */
  readonly words: Uint32Array;
  /** Where each column begins in its own, counted in its own numbers. */
  readonly starts: readonly number[];
}

/** @throws naming the column and the number that its storage cannot hold. */
export function packColumns(columns: Readonly<Record<string, Column>>): PackedColumns {
  let floatCount = 0;
  let byteCount = 0;
  const starts = Object.values(columns).map((column) => {
    const storage = storageOf(column);
    const { length } = column.values;
    if (storage === 'f32') return (floatCount += length) - length;
    const start = byteCount / STORAGE_BYTES[storage];
    byteCount += Math.ceil((length * STORAGE_BYTES[storage]) / 4) * 4;
    return start;
  });
  const floats = new Float32Array(floatCount);
  const bytes = new DataView(new ArrayBuffer(byteCount));
  for (const [c, [name, column]] of Object.entries(columns).entries()) {
    const storage = storageOf(column);
    const start = starts[c]!;
    if (storage === 'f32') floats.set(column.values, start);
    else if (storage === 'u8') packBytes(name, column.values, bytes, start);
    else if (storage === 'u32') packIntegers(name, column.values, bytes, start);
    else packHalves(name, column.values, bytes, start);
  }
  // WGSL takes the parts of a word from its lowest bits on, whatever the host's order of bytes is.
  const words = new Uint32Array(bytes.buffer);
  if (!isLittleEndian) for (const i of words.keys()) words[i] = bytes.getUint32(4 * i, true);
  return { floats, words, starts };
}

function packBytes(name: string, values: ArrayLike<number>, bytes: DataView, start: number): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!(Number.isInteger(value) && value >= 0 && value <= 255))
      throw new RangeError(`batches: '${name}' has ${value} at ${i}; 'u8' wants integers from 0 to 255`);
    bytes.setUint8(start + i, value);
  }
}

function packIntegers(name: string, values: ArrayLike<number>, bytes: DataView, start: number): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value >>> 0 !== value)
      throw new RangeError(
        `batches: '${name}' has ${value} at ${i}; 'u32' wants integers from 0 to 4294967295`,
      );
    bytes.setUint32(4 * (start + i), value, true);
  }
}

function packHalves(name: string, values: ArrayLike<number>, bytes: DataView, start: number): void {
  for (let i = 0; i < values.length; i++) {
    try {
      bytes.setUint16(2 * (start + i), halfBits(values[i]!), true);
    } catch (cause) {
      const reason = `'f16' wants numbers from -65504 to 65504`;
      throw new RangeError(`batches: '${name}' has ${values[i]} at ${i}; ${reason}`, { cause });
    }
  }
}
