/** IDX files, the format of MNIST: big-endian, a byte for the type of numbers, a byte for the number of axes, their lengths. */
import { checkBytes, checkNumber, checkOptions } from '../../base/borders.ts';
import { ownBytes } from '../byte-order.ts';
import { FileError, type FileFault } from '../file-error.ts';
import { gunzip, isGzip } from '../packed/inflate.ts';

/** Numbers row-major, of the type that the file has. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly values: Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;
}

export interface IdxOptions {
  /** What errors call the file. */
  readonly where?: string;
  /** The most that a compressed file may hold; 2^30 unless given. */
  readonly maxBytes?: number;
}

const TYPES = {
  0x08: Uint8Array,
  0x09: Int8Array,
  0x0b: Int16Array,
  0x0c: Int32Array,
  0x0d: Float32Array,
  0x0e: Float64Array,
} as const;

/**
 * The array of an IDX file, plain or gzipped.
 *
 * @throws FileError with the byte where it is no IDX file, cut off, or longer than its lengths say.
 */
export async function readIdx(bytes: Uint8Array, options: IdxOptions = {}): Promise<IdxArray> {
  checkBytes('readIdx', bytes);
  checkOptions('readIdx', options, 'where maxBytes');
  const { where = 'idx', maxBytes = 2 ** 30 } = options;
  checkNumber('readIdx', 'maxBytes', maxBytes, { from: 0, to: Infinity });
  const isPacked = isGzip(bytes);
  const fail = (offset: number, problem: string, fault?: FileFault): never => {
    throw new FileError({ where, offset, ...(isPacked ? { inflatedFrom: 0 } : {}) }, problem, fault);
  };
  if (!isPacked) return arrayOf(bytes, fail);
  const failPacked = (problem: string): never => {
    throw new FileError({ where, offset: 0 }, problem, problem.includes('maxBytes') ? 'limit' : 'format');
  };
  return arrayOf(await gunzip(bytes, { maxBytes, fail: failPacked }), fail);
}

function arrayOf(bytes: Uint8Array, fail: (offset: number, problem: string) => never): IdxArray {
  if (bytes.length < 4) return fail(0, `has ${bytes.length} bytes; an IDX file begins with 4`);
  const [zero, alsoZero, type, axes] = bytes as unknown as [number, number, number, number];
  if (zero !== 0 || alsoZero !== 0) return fail(0, 'is no IDX file: those begin with two zeros');
  const Numbers = TYPES[type as keyof typeof TYPES];
  if (!Numbers)
    return fail(2, `holds numbers of type 0x${type.toString(16)}; wants 0x8, 0x9, 0xb, 0xc, 0xd or 0xe`);
  if (axes === 0) return fail(3, 'has no axes; wants at least one');
  const start = 4 + 4 * axes;
  if (bytes.length < start) return fail(4, `is cut off within the lengths of its ${axes} axes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = shape.reduce((product, length) => product * length, Numbers.BYTES_PER_ELEMENT);
  const there = bytes.length - start;
  if (there !== size)
    return fail(start, `has ${there} bytes of numbers; ${shape.join('×')} of them want ${size}`);
  const own = ownBytes(bytes.subarray(start), { size: Numbers.BYTES_PER_ELEMENT, littleEndian: false });
  return { shape, values: new Numbers(own) };
}
