/** NumPy's .npy files, versions 1 to 3: one array of numbers, strictly read, and written. */
import { checkBytes, checkList, checkNamed, checkOptions, inWords } from '../../base/borders.ts';
import { ownBytes } from '../byte-order.ts';
import type { FileFault } from '../file-error.ts';
import { quoted } from '../file-error.ts';
import { dtypeOf, npyDtypes } from './npy-dtypes.ts';
import { NpyError } from './npy-error.ts';
import type { Numbers } from '../numbers.ts';
import { parseNpyHeader } from './npy-header.ts';
import { rowMajor } from '../row-major.ts';

export { NpyError } from './npy-error.ts';

export interface NpyInput {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly values: Numbers;
}

export interface NpyArray extends NpyInput {
  /** As in the file: '<f8', '>i4', '|b1'. Half precision is widened to float32, Booleans are 0 and 1. */
  readonly dtype: string;
  /** How the file had it; `values` are row-major in any case. */
  readonly fortranOrder: boolean;
}

export interface NpyOptions {
  /** What errors call the file. */
  readonly where?: string;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const MOST_HEADER_BYTES = 2 ** 20;
const ALIGNMENT = 64;

/**
 * The array of a file: integers, floats of 2, 4 and 8 bytes and Booleans, of either byte order. int64 and uint64 become
 * BigInt arrays. Memory: the data once, twice in Fortran order.
 *
 * @throws NpyError, and nothing else, whatever the bytes are. Objects (pickled Python) are never read.
 */
export function decodeNpy(bytes: Uint8Array, options: NpyOptions = {}): NpyArray {
  checkBytes('decodeNpy', bytes);
  checkOptions('decodeNpy', options, 'where');
  const { where = 'npy' } = options;
  const fail = (offset: number, problem: string, fault?: FileFault): never => {
    throw new NpyError({ where, offset }, problem, fault);
  };
  if (bytes.length < 10 || MAGIC.some((byte, i) => bytes[i] !== byte))
    fail(0, "wants the bytes '\\x93NUMPY' and a version: this is no .npy file, or it is cut off");
  const [major, minor] = [bytes[6]!, bytes[7]!];
  if (major < 1 || major > 3 || minor !== 0) fail(6, `wants version 1.0, 2.0 or 3.0, got ${major}.${minor}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const textAt = major === 1 ? 10 : 12;
  if (bytes.length < textAt) fail(8, 'the file ends in the length of its header: it is cut off');
  const textBytes = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const from = textAt + textBytes;
  if (textBytes > MOST_HEADER_BYTES)
    fail(8, `the header has ${textBytes} bytes, the limit is ${MOST_HEADER_BYTES}`, 'limit');
  if (from > bytes.length)
    fail(8, `wants a header of ${textBytes} bytes, ${bytes.length - textAt} are left: the file is cut off`);

  const text = textOf(bytes.subarray(textAt, from), { isUtf8: major === 3 });
  const header = parseNpyHeader(text ?? fail(textAt, 'the header is not UTF-8'), (problem, isUnsupported) =>
    fail(textAt, problem, isUnsupported ? 'unsupported' : 'format'),
  );
  const { dtype, shape, fortranOrder } = header;
  const [order, kind] = [dtype[0] ?? '', dtype.slice(1)];
  if (kind.startsWith('O'))
    fail(textAt, 'the array holds Python objects, which are pickled code; save it as numbers', 'unsupported');
  const known = npyDtypes.get(kind);
  if (!known || !'<>|'.includes(order) || (order === '|' && known.bytes > 1)) {
    const all = [...npyDtypes.keys()].join(', ');
    return fail(textAt, `the dtype ${quoted(dtype)} is not read, only ${all}, after < or >`, 'unsupported');
  }
  const count = shape.reduce((product, length) => product * length, 1);
  if (count * known.bytes !== bytes.length - from) {
    const problem = `(${shape.join(', ')}) of ${dtype} wants ${count * known.bytes} bytes`;
    fail(from, `${problem}, ${bytes.length - from} follow the header`);
  }
  const stored = known.read(
    ownBytes(bytes.subarray(from), { size: known.bytes, littleEndian: order !== '>' }),
  );
  if (kind === 'b1') {
    const wrong = stored.findIndex((value: number | bigint) => value > 1);
    if (wrong >= 0) fail(from + wrong, `wants a Boolean, 0 or 1, got ${stored[wrong]}`);
  }
  return { dtype, shape, fortranOrder, values: fortranOrder ? rowMajor(stored, shape) : stored };
}

/**
 * The file for an array, version 1.0, as NumPy's `save` writes it; equal input gives equal bytes.
 *
 * @throws RangeError where the shape is none, or is not that of the values.
 */
export function encodeNpy(array: NpyInput): Uint8Array<ArrayBuffer> {
  checkNamed('encodeNpy', array, 'shape values');
  const { shape, values } = array;
  checkList('encodeNpy', 'shape', shape);
  if (!ArrayBuffer.isView(values) || values instanceof DataView)
    throw new Error(`encodeNpy: values must be a typed array, got ${inWords(values)}`);
  const count = shape.reduce((product, length) => product * length, 1);
  if (count !== values.length || shape.some((length) => !Number.isSafeInteger(length) || length < 0))
    throw new RangeError(`encodeNpy: the shape (${shape.join(', ')}) is not that of ${values.length} values`);
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${dtypeOf(values)}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const from = Math.ceil((10 + text.length + 1) / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(from + values.byteLength).fill(0x20, 10, from);
  bytes.set([...MAGIC, 1, 0]);
  new DataView(bytes.buffer).setUint16(8, from - 10, true);
  bytes.set(new TextEncoder().encode(text), 10);
  bytes[from - 1] = 0x0a;
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), from);
  return bytes;
}

function textOf(bytes: Uint8Array, { isUtf8 }: { isUtf8: boolean }): string | undefined {
  try {
    return new TextDecoder(isUtf8 ? 'utf-8' : 'latin1', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
