/**
 * Reads MAT files of version 5, as MATLAB's `save -v6` and `-v7`, Octave and SciPy write them: after MathWorks' "MAT-File
 * Format". No byte is trusted: every size is checked before memory is asked for, and nesting has a limit.
 */
import { checkBytes, checkList, checkNumber, checkOptions } from '../../base/borders.ts';
import { quoted } from '../file-error.ts';
import { inflate } from '../packed/inflate.ts';
import { MatArrays } from './mat-array.ts';
import { elementTypes, type MatElement, MatElements, typeName } from './mat-elements.ts';
import { MatError } from './mat-error.ts';
import type { MatValue } from './mat-value.ts';
import { MemoryBudget } from '../memory-budget.ts';

export { MatError } from './mat-error.ts';

export interface MatOptions {
  /** The variables to read; all if left out. What the others hold is not looked at. */
  readonly variables?: readonly string[];
  /** What errors call the file. */
  readonly where?: string;
  /** Memory for what is read, the inflated bytes included; 1 GiB if left out. */
  readonly maxBytes?: number;
}

export interface MatFile {
  /** The text at the beginning: which program wrote it, and when. */
  readonly header: string;
  readonly littleEndian: boolean;
  /** In the order of the file. */
  readonly variables: ReadonlyMap<string, MatValue>;
}

const HEADER_BYTES = 128;
const TEXT_BYTES = 116;

/**
 * The variables of a file: arrays of all numeric types, logicals, characters, cells and structs, compressed or not, of
 * either byte order. Numbers have the type of their class, int64 and uint64 as BigInt arrays.
 *
 * @throws MatError, and nothing else, whatever the bytes are: they break the format; hold sparse or complex arrays or
 *   objects (`fault` is 'unsupported'); ask for more than `maxBytes` or nest over 32 levels deep ('limit'); are of version
 *   4, or HDF5 (-v7.3); or lack one of `variables`.
 */
export async function readMat(bytes: Uint8Array, options: MatOptions = {}): Promise<MatFile> {
  checkBytes('readMat', bytes);
  checkOptions('readMat', options, 'variables where maxBytes');
  const { where = 'mat', maxBytes = 2 ** 30, variables: wanted } = options;
  if (wanted !== undefined) checkList('readMat', 'variables', wanted);
  checkNumber('readMat', 'maxBytes', maxBytes, { from: 0, to: Infinity });
  const littleEndian = byteOrderOf(bytes, where);
  const file = new MatElements({ bytes, littleEndian, where });
  const budget = new MemoryBudget(maxBytes);
  const variables = new Map<string, MatValue>();
  const names = new Set<string>();

  const add = (elements: MatElements, element: MatElement) => {
    const arrays = new MatArrays(elements, budget);
    const header = arrays.headerOf(element);
    // Without a name: MATLAB's workspace of objects.
    if (header.name === '') return;
    if (names.has(header.name))
      elements.fail(element.start, `the variable ${quoted(header.name)} stands twice in the file`);
    names.add(header.name);
    if (wanted && !wanted.includes(header.name)) return;
    variables.set(header.name, arrays.valueOf(header, header.name));
  };

  for (let at = HEADER_BYTES; at < bytes.length; ) {
    const element = file.want(at, bytes.length, 'the file', [elementTypes.matrix, elementTypes.compressed]);
    at = element.next;
    if (element.type === elementTypes.matrix) {
      if (element.from < element.to) add(file, element);
      continue;
    }
    const inflated = await inflateElement(file, element, { where, budget });
    const inner = inflated.at(0, inflated.bytes.length);
    if (inner.from < inner.to) add(inflated, inner);
    budget.refund(inflated.bytes.length);
  }
  for (const name of wanted ?? []) {
    if (!names.has(name)) {
      const present = [...names].map(quoted).join(', ') || 'none';
      file.fail(bytes.length, `the file has no variable ${quoted(name)}; it has ${present}`);
    }
  }
  return { header: textOf(bytes.subarray(0, TEXT_BYTES)), littleEndian, variables };
}

/** One array, whose tag says how many bytes there are. */
async function inflateElement(
  file: MatElements,
  element: MatElement,
  { where, budget }: { where: string; budget: MemoryBudget },
): Promise<MatElements> {
  const fail = (problem: string) => file.fail(element.start, problem);
  const bytes = await inflate(file.dataOf(element), {
    format: 'deflate',
    fail,
    sizeOf(head) {
      if (head.length < 8) fail(`inflates to ${head.length} bytes, an array has at least 8`);
      const view = new DataView(head.buffer, head.byteOffset, 8);
      const type = view.getUint32(0, file.littleEndian);
      if (type !== elementTypes.matrix) fail(`wants a compressed matrix, got ${typeName(type)}`);
      const size = 8 + view.getUint32(4, file.littleEndian);
      budget.spend(size, (problem) => file.fail(element.start, problem, 'limit'));
      return size;
    },
  });
  return new MatElements({ bytes, littleEndian: file.littleEndian, where, inflatedFrom: element.start });
}

/** Whether the file is little-endian; other formats that are called .mat are recognised. */
function byteOrderOf(bytes: Uint8Array, where: string): boolean {
  const fail = (offset: number, problem: string, fault?: 'unsupported'): never => {
    throw new MatError({ where, offset }, problem, fault);
  };
  if ([0, 512].some((at) => isHdf5(bytes.subarray(at, at + 8))))
    fail(
      0,
      "this is HDF5, as MATLAB's save -v7.3 writes; read it with openH5 of 'limbeck/h5', or save it with -v7",
      'unsupported',
    );
  const mark = String.fromCharCode(...bytes.subarray(126, 128));
  const isMarked = mark === 'IM' || mark === 'MI';
  // A header of version 4 begins with a small integer, one of 5 with text.
  if (!isMarked && bytes.length >= 20 && bytes.subarray(0, 4).includes(0))
    fail(0, 'this is no MAT file of version 5; if it is one of version 4, save it with -v7', 'unsupported');
  if (bytes.length < HEADER_BYTES) {
    const problem = `wants a header of ${HEADER_BYTES} bytes, the file has ${bytes.length}`;
    fail(0, `${problem}: it is cut off, or no MAT file`);
  }
  if (!isMarked)
    fail(126, `wants the byte order mark 'IM' or 'MI', got ${quoted(mark)}: this is no MAT file`);
  const littleEndian = mark === 'IM';
  const version = new DataView(bytes.buffer, bytes.byteOffset).getUint16(124, littleEndian);
  if (version !== 0x0100) fail(124, `wants version 0x0100, got 0x${version.toString(16).padStart(4, '0')}`);
  return littleEndian;
}

/** Whether bytes begin with HDF5's signature. */
export function isHdf5(bytes: Uint8Array): boolean {
  return [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a].every((byte, i) => bytes[i] === byte);
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).replaceAll('\0', ' ').trimEnd();
}
