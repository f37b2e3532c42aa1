/**
 * The safetensors format (github.com/huggingface/safetensors): an 8-byte length, a JSON header, then the numbers.
 *
 * The reader trusts no byte. The header is scanned before it is parsed, because `JSON.parse` keeps the last of two
 * equal names and builds whatever it is told to; every size is checked before memory is asked for.
 */
import type { Values } from './backend.ts';
import { type Shape, show } from './shape.ts';

/** Why a file is refused: `SafetensorsError.code`. */
export type SafetensorsErrorCode =
  | 'header-too-small'
  | 'header-too-large'
  | 'header-length'
  | 'header-text'
  | 'header-syntax'
  | 'duplicate-name'
  | 'metadata'
  | 'tensor-info'
  | 'dtype'
  | 'overflow'
  | 'size-mismatch'
  | 'offsets'
  | 'incomplete'
  | 'value';

/** All that reading or writing a file throws. The message names the tensor; `code` is for programs. */
export class SafetensorsError extends Error {
  override name = 'SafetensorsError';
  readonly code: SafetensorsErrorCode;

  constructor(code: SafetensorsErrorCode, message: string) {
    super(`safetensors: ${message}`);
    this.code = code;
  }
}

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
const MAX_RANK = 64;
const METADATA = '__metadata__';

interface DtypeReader {
  readonly bytes: number;
  /** Given bytes of its own, aligned. Typed arrays are little-endian wherever WebGPU runs, as the format is. */
  readonly read: (buffer: ArrayBuffer, name: string) => Values;
}

const readers: ReadonlyMap<string, DtypeReader> = new Map<string, DtypeReader>([
  ['F32', { bytes: 4, read: (buffer) => new Float32Array(buffer) }],
  ['F64', { bytes: 8, read: (buffer) => new Float64Array(buffer) }],
  ['U32', { bytes: 4, read: (buffer) => new Uint32Array(buffer) }],
  ['I32', { bytes: 4, read: (buffer) => Float64Array.from(new Int32Array(buffer)) }],
  [
    'I64',
    { bytes: 8, read: (buffer, name) => Float64Array.from(new BigInt64Array(buffer), (x) => exact(x, name)) },
  ],
  ['F16', { bytes: 2, read: (buffer) => Float32Array.from(new Uint16Array(buffer), widenHalf) }],
  [
    'BF16',
    {
      bytes: 2,
      read: (buffer) => new Float32Array(Uint32Array.from(new Uint16Array(buffer), (x) => x << 16).buffer),
    },
  ],
]);

/**
 * The file for `tensors`, in the order given; equal input gives equal bytes.
 *
 * @throws SafetensorsError for a name or a shape that a reader would refuse.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, SafetensorsInput>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const members: string[] = [];
  const strings = Object.entries(metadata);
  for (const [key, value] of strings) checkString(key, value);
  if (strings.length > 0) members.push(`"${METADATA}":${JSON.stringify(metadata)}`);

  let end = 0;
  for (const [name, { shape, values }] of tensors) {
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

/**
 * What a file holds, copied out of `bytes`. Headers over `maxHeaderBytes` are refused: it may be raised to 100 MB.
 *
 * @throws SafetensorsError, and nothing else, whatever the bytes are.
 */
export function decodeSafetensors(bytes: Uint8Array, { maxHeaderBytes = 10_000_000 } = {}): SafetensorsFile {
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

interface TensorInfo {
  readonly dtype: string;
  readonly shape: Shape;
  readonly start: number;
  readonly end: number;
  readonly reader: DtypeReader;
}

function readHeader(text: string) {
  checkSyntax(text);
  const infos = new Map<string, TensorInfo>();
  const metadata: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(parse(text) as JsonObject)) {
    if (!isObject(value)) {
      const code = name === METADATA ? 'metadata' : 'tensor-info';
      fail(code, `${quote(name)}: wants an object, got ${quote(JSON.stringify(value))}`);
    }
    if (name !== METADATA) infos.set(name, readInfo(name, value));
    else for (const [key, string] of Object.entries(value)) metadata[key] = checkString(key, string);
  }
  return { infos, metadata };
}

/**
 * Refuses what `JSON.parse` lets through: two equal names in an object, numbers that are more than digits, and deep
 * nesting. Outside of strings the format needs few characters.
 */
function checkSyntax(text: string): void {
  if (text[0] !== '{') {
    fail('header-syntax', `the header wants to begin with '{', got ${quote(text.slice(0, 1))}`);
  }
  const names: Set<string>[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"') {
      const start = at++;
      while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
      let next = at + 1;
      while (text[next] === ' ' || text[next] === '\n' || text[next] === '\t' || text[next] === '\r') next++;
      if (text[next] === ':') checkUnique(names, parse(text.slice(start, at + 1)) as string);
    } else if (character === '{' || character === '[') {
      if (names.push(new Set()) > 3) fail('header-syntax', `the header nests too deeply at character ${at}`);
    } else if (character === '}' || character === ']') {
      names.pop();
    } else if (!',: 0123456789\n\t\r'.includes(character)) {
      fail('header-syntax', `the header has ${quote(character)} at character ${at}: numbers are digits only`);
    }
  }
}

function checkUnique(names: readonly Set<string>[], name: string): void {
  if (names.at(-1)?.has(name)) fail('duplicate-name', `${quote(name)} stands twice in the header`);
  names.at(-1)?.add(name);
}

function readInfo(name: string, { dtype, shape, data_offsets: offsets, ...rest }: JsonObject): TensorInfo {
  const where = `tensor ${quote(name)}`;
  checkText(name);
  for (const key of Object.keys(rest)) {
    fail('tensor-info', `${where}: ${quote(key)} is no field of the format`);
  }
  if (typeof dtype !== 'string') fail('tensor-info', `${where}: wants a dtype, a string`);
  const reader = readers.get(dtype);
  if (!reader) {
    fail(
      'dtype',
      `${where}: dtype ${quote(dtype)} is not read, only ${[...readers.keys()].join(', ')}; convert it first`,
    );
  }
  const sizes = integers(where, 'shape', shape);
  if (sizes.length > MAX_RANK) fail('tensor-info', `${where}: rank ${sizes.length} is over ${MAX_RANK}`);
  const [start, end, ...others] = integers(where, 'data_offsets', offsets);
  if (start === undefined || end === undefined || others.length > 0) {
    fail('tensor-info', `${where}: data_offsets wants two numbers`);
  }
  if (end < start) fail('offsets', `${where}: data_offsets [${start}, ${end}] run backwards`);
  checkSize(name, sizes, reader.bytes, end - start);
  return { dtype, shape: sizes, start, end, reader };
}

function integers(where: string, field: string, value: unknown): number[] {
  if (!Array.isArray(value)) fail('tensor-info', `${where}: wants ${field}, a list of integers`);
  return value.map((length: unknown) => {
    if (typeof length !== 'number') {
      fail('tensor-info', `${where}: ${field} wants integers, got ${quote(JSON.stringify(length))}`);
    }
    if (!Number.isSafeInteger(length)) fail('overflow', `${where}: ${field} has a number over 2^53`);
    return length;
  });
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

function fail(code: SafetensorsErrorCode, message: string): never {
  throw new SafetensorsError(code, message);
}

/** A name from a file, fit for a message: escaped, and cut to a length. */
function quote(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return fail('header-text', 'the header is not UTF-8');
  }
}

type JsonObject = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What begins with '{' gives an object, what begins with '"' a string. */
function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    return fail('header-syntax', `the header is not JSON: ${quote((error as Error).message)}`);
  }
}

function checkString(key: string, value: unknown): string {
  if (typeof value !== 'string') {
    fail('metadata', `metadata ${quote(key)}: wants a string, got ${typeof value}`);
  }
  checkText(key);
  checkText(value);
  return value;
}

/** Half a surrogate pair has no UTF-8: it would not survive the file. */
function checkText(text: string): void {
  if (/\p{Surrogate}/u.test(text)) fail('header-text', `${quote(text)} has half a surrogate pair`);
}

function checkHeaderBytes(headerBytes: number, limit: number): void {
  if (headerBytes <= limit) return;
  const cure =
    limit < MAX_HEADER_BYTES ? `; raise maxHeaderBytes, to ${MAX_HEADER_BYTES} at most, if you trust it` : '';
  fail('header-too-large', `the header has ${headerBytes} bytes, the limit is ${limit}${cure}`);
}

function checkSize(name: string, shape: Shape, elementBytes: number, sizeBytes: number): void {
  let wanted = elementBytes;
  for (const length of shape) {
    if (!Number.isSafeInteger(length) || length < 0) {
      fail('tensor-info', `tensor ${quote(name)}: ${show(shape)} is not a shape`);
    }
    wanted *= length;
    if (!Number.isSafeInteger(wanted)) {
      fail('overflow', `tensor ${quote(name)}: ${show(shape)} is over 2^53 bytes`);
    }
  }
  if (wanted === sizeBytes) return;
  fail(
    'size-mismatch',
    `tensor ${quote(name)}: ${show(shape)} wants ${wanted} bytes, its data are ${sizeBytes}`,
  );
}

function exact(x: bigint, name: string): number {
  if (!Number.isSafeInteger(Number(x))) {
    fail('value', `tensor ${quote(name)}: the I64 ${x} is over 2^53; convert it first`);
  }
  return Number(x);
}

/** IEEE 754 binary16, whose every number float32 has. */
function widenHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
