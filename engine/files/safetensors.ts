/**
 * The safetensors format (github.com/huggingface/safetensors): an 8-byte length, a JSON header, then the numbers.
 *
 * The reader trusts no byte. The header is scanned before it is parsed, because `JSON.parse` keeps the last of two
 * equal names and builds whatever it is told to; every size is checked before memory is asked for.
 */
import { checkBytes } from '../../base/borders.ts';
import { checkList, checkNamed, checkOptions, inWords } from '../borders.ts';
import type { Values } from '../backend.ts';
import { checkSize, checkString, checkText, fail, quote } from './safetensors-error.ts';
import { METADATA, readHeader, type TensorInfo } from './safetensors-header.ts';
import type { Shape } from '../shape.ts';

export { SafetensorsError, type SafetensorsErrorCode } from './safetensors-error.ts';

export interface SafetensorsInput {
  readonly shape: Shape;
  readonly values: Values;
}

export interface SafetensorsTensor extends SafetensorsInput {
  /** As in the file: F16 and BF16 are widened to float32, I32 and I64 to float64. */
  readonly dtype: string;
}

export interface SafetensorsFile {
  /** In the order of the header. */
  readonly tensors: Map<string, SafetensorsTensor>;
  /** Without a prototype, so that a key may have any name. */
  readonly metadata: Record<string, string>;
}

/** The limit of the reference implementation; no option lifts it. */
const MAX_HEADER_BYTES = 100_000_000;
/**
 * The file for `tensors`, in the order given; equal input gives equal bytes.
 *
 * @throws SafetensorsError for a name or a shape that a reader would refuse.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, SafetensorsInput>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  if (!(tensors instanceof Map))
    throw new Error(`encodeSafetensors: wants a Map of { shape, values } by name, got ${inWords(tensors)}`);
  if (metadata === null || typeof metadata !== 'object')
    throw new Error(`encodeSafetensors: metadata must be an object of texts, got ${inWords(metadata)}`);
  const members: string[] = [];
  const strings = Object.entries(metadata);
  for (const [key, value] of strings) checkString(key, value);
  if (strings.length > 0) members.push(`"${METADATA}":${JSON.stringify(metadata)}`);

  let end = 0;
  for (const [name, tensor] of tensors) {
    checkInput(name, tensor);
    const { shape, values } = tensor;
    checkText(name);
    if (name === METADATA) fail('tensor-info', `no tensor may be called '${METADATA}'; give it another name`);
    const dtype = values instanceof Float32Array ? 'F32' : values instanceof Float64Array ? 'F64' : 'U32';
    checkSize(name, shape, values.BYTES_PER_ELEMENT, values.byteLength);
    const start = end;
    end += values.byteLength;
    members.push(
      `${JSON.stringify(name)}:{"dtype":"${dtype}","shape":${JSON.stringify(shape)},"data_offsets":[${start},${end}]}`,
    );
  }

  const header = new TextEncoder().encode(`{${members.join(',')}}`);
  const headerBytes = Math.ceil(header.length / 8) * 8;
  checkHeaderBytes(headerBytes, MAX_HEADER_BYTES);
  const bytes = new Uint8Array(8 + headerBytes + end).fill(0x20, 8, 8 + headerBytes);
  new DataView(bytes.buffer).setUint32(0, headerBytes, true);
  bytes.set(header, 8);
  let at = 8 + headerBytes;
  for (const { values } of tensors.values()) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return bytes;
}

function checkInput(name: string, tensor: SafetensorsInput): void {
  const where = `encodeSafetensors: '${String(name)}'`;
  if (typeof name !== 'string') throw new Error(`${where}: names must be texts, got ${inWords(name)}`);
  checkNamed(where, tensor, 'shape values');
  checkList(where, 'shape', tensor.shape);
  const { values } = tensor;
  const isKnown = [Float32Array, Float64Array, Uint32Array].some((kind) => values instanceof kind);
  if (!isKnown)
    throw new Error(
      `${where}: values must be a Float32Array, Float64Array or Uint32Array, got ${inWords(values)}`,
    );
}

/**
 * What a file holds, copied out of `bytes`. Headers over `maxHeaderBytes` are refused: it may be raised to 100 MB.
 *
 * @throws SafetensorsError, and nothing else, whatever the bytes of a Uint8Array are.
 */
export function decodeSafetensors(
  bytes: Uint8Array,
  options: { maxHeaderBytes?: number | undefined } = {},
): SafetensorsFile {
  checkBytes('decodeSafetensors', bytes);
  checkOptions('decodeSafetensors', options, 'maxHeaderBytes');
  const { maxHeaderBytes = 10_000_000 } = options;
  if (bytes.length < 8) fail('header-too-small', `a file has at least 8 bytes, this one ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  checkHeaderBytes(headerBytes, Math.min(maxHeaderBytes, MAX_HEADER_BYTES));
  if (8 + headerBytes > bytes.length) {
    fail(
      'header-length',
      `the header of ${headerBytes} bytes does not fit in ${bytes.length}: the file is cut off`,
    );
  }
  const data = bytes.subarray(8 + headerBytes);
  const { infos, metadata } = readHeader(decodeText(bytes.subarray(8, 8 + headerBytes)));
  checkRanges(infos, data.length);

  const tensors = new Map<string, SafetensorsTensor>();
  for (const [name, { dtype, shape, start, end, reader }] of infos) {
    const copy = new Uint8Array(end - start);
    copy.set(data.subarray(start, end));
    tensors.set(name, { dtype, shape, values: reader.read(copy.buffer, name) });
  }
  return { tensors, metadata };
}

/** The ranges must cover the data without a hole or an overlap: no byte may hide, and none may be read twice. */
function checkRanges(infos: ReadonlyMap<string, TensorInfo>, dataBytes: number): void {
  let covered = 0;
  for (const [name, { start, end }] of [...infos].sort(
    ([, a], [, b]) => a.start - b.start || a.end - b.end,
  )) {
    if (start !== covered) {
      const what = start < covered ? 'overlaps its neighbour' : 'leaves a hole';
      fail('offsets', `tensor ${quote(name)}: ${what}, it starts at byte ${start} instead of ${covered}`);
    }
    covered = end;
  }
  if (covered === dataBytes) return;
  const cause = covered > dataBytes ? 'the file is cut off' : 'something is appended';
  fail('incomplete', `the tensors end at byte ${covered} of the data, the file at ${dataBytes}: ${cause}`);
}

function checkHeaderBytes(headerBytes: number, limit: number): void {
  if (headerBytes <= limit) return;
  const cure =
    limit < MAX_HEADER_BYTES ? `; raise maxHeaderBytes, to ${MAX_HEADER_BYTES} at most, if you trust it` : '';
  fail('header-too-large', `the header has ${headerBytes} bytes, the limit is ${limit}${cure}`);
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return fail('header-text', 'the header is not UTF-8');
  }
}
