/** Writes MAT files of version 5, little-endian, as `save -v6` does, or with each variable compressed, as `-v7`. */
import { checkChoice, checkList, checkNamed, checkOptions, checkText, inWords } from '../../base/borders.ts';
import { joinBytes } from '../../base/join-bytes.ts';
import { elementTypes } from './mat-elements.ts';
import { numberClasses } from './mat-numbers.ts';
import type { MatNumeric, MatStruct, MatValue } from './mat-value.ts';

export interface MatWriteOptions {
  /** Whether variables are compressed; true if left out. */
  readonly compressed?: boolean;
  /** The text at the beginning, at most 116 bytes of ASCII. */
  readonly header?: string;
}

const TEXT_BYTES = 116;
const [CELL, STRUCT, CHAR] = [1, 2, 4];
const LOGICAL = 0x0200;

/** Which element type an array of numbers is stored as. */
const storedTypes = new Map<string, number>([
  ['double', elementTypes.double],
  ...(['single', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64'] as const).map(
    (name) => [name, elementTypes[name]] as const,
  ),
]);
const classNumbers = new Map<string, number>([...numberClasses].map(([number, { name }]) => [name, number]));

/**
 * The bytes of a file; `readMat` gives the variables back.
 *
 * @throws RangeError where a shape does not fit what an array holds, or a name or the header cannot be written.
 */
export async function writeMat(
  variables: ReadonlyMap<string, MatValue>,
  options: MatWriteOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  if (!(variables instanceof Map))
    throw new Error(`writeMat: wants a Map of arrays by name, got ${inWords(variables)}`);
  checkOptions('writeMat', options, 'compressed header');
  const { compressed = true, header = 'MATLAB 5.0 MAT-file, written by limbeck' } = options;
  checkText('writeMat', 'header', header);
  if (!isAscii(header) || header.length > TEXT_BYTES)
    throw new RangeError(
      `writeMat: the header wants at most ${TEXT_BYTES} characters of ASCII, got '${header}'`,
    );
  const start = new Uint8Array(128).fill(32, 0, TEXT_BYTES);
  start.set(new TextEncoder().encode(header));
  start.set([0, 1, 73, 77], 124); // version 0x0100, then 'IM': little-endian
  const parts: Uint8Array[] = [start];
  for (const [name, value] of variables) {
    const matrix = matrixOf(name, value, name);
    parts.push(compressed ? tagged(elementTypes.compressed, await deflate(matrix), { pad: 1 }) : matrix);
  }
  return joinBytes(parts);
}

/** An array as an element: flags, dimensions, name, data. `path` is for messages. */
function matrixOf(name: string, value: MatValue, path: string): Uint8Array {
  checkText('writeMat', 'the name of a variable', name);
  if (!isAscii(name)) throw new RangeError(`writeMat: the name of '${path}' is not ASCII`);
  checkValue(`writeMat: '${path}'`, value);
  const { shape } = value;
  if (shape.length < 2 || shape.some((length) => !Number.isInteger(length) || length < 0))
    throw new RangeError(
      `writeMat: '${path}' has the shape [${shape.join(', ')}]; wants at least two lengths`,
    );
  const [flags, data] = dataOf(value, path);
  return tagged(
    elementTypes.matrix,
    joinBytes([
      tagged(elementTypes.uint32, bytesOf(Uint32Array.of(flags, 0))),
      tagged(elementTypes.int32, bytesOf(Int32Array.from(shape))),
      tagged(elementTypes.int8, new TextEncoder().encode(name)),
      ...data,
    ]),
  );
}

function checkValue(where: string, value: MatValue): void {
  checkNamed(where, value, 'kind shape');
  checkList(where, 'shape', value.shape);
  const { kind } = value;
  if (kind === 'numeric') {
    if (!ArrayBuffer.isView(value.values))
      throw new Error(`${where}: values must be a typed array, got ${inWords(value.values)}`);
    if (!classNumbers.has(value.class))
      checkChoice(where, 'class', value.class ?? '', [...classNumbers.keys()]);
  } else if (kind === 'cell') checkList(where, 'cells', value.cells);
  else if (kind === 'char') checkList(where, 'rows', value.rows);
  else if (kind !== 'struct') checkChoice(where, 'kind', kind ?? '', ['numeric', 'char', 'cell', 'struct']);
  else if (!(value.fields instanceof Map))
    throw new Error(`${where}: fields must be a Map of lists, got ${inWords(value.fields)}`);
}

function dataOf(value: MatValue, path: string): [flags: number, data: Uint8Array[]] {
  const count = value.shape.reduce((product, length) => product * length, 1);
  const check = (got: number, what: string) => {
    if (got !== count)
      throw new RangeError(
        `writeMat: '${path}' [${value.shape.join('×')}] wants ${count} ${what}, got ${got}`,
      );
  };
  if (value.kind === 'numeric') {
    check(value.values.length, 'numbers');
    return numbersOf(value);
  }
  if (value.kind === 'cell') {
    check(value.cells.length, 'cells');
    return [CELL, value.cells.map((cell, i) => matrixOf('', cell, `${path}{${i + 1}}`))];
  }
  if (value.kind === 'struct') {
    for (const [field, values] of value.fields) check(values.length, `values of the field ${field}`);
    return [STRUCT, fieldsOf(value, count, path)];
  }
  const { rows } = value;
  check(
    rows.reduce((sum, row) => sum + row.length, 0),
    'characters',
  );
  const columns = rows[0]?.length ?? 0;
  if (rows.some((row) => row.length !== columns))
    throw new RangeError(`writeMat: the rows of '${path}' differ in length`);
  // Column by column, as everything.
  const units = Uint16Array.from({ length: count }, (_, i) =>
    rows[i % rows.length]!.charCodeAt(Math.floor(i / rows.length)),
  );
  return [CHAR, [tagged(elementTypes.uint16, bytesOf(units))]];
}

function numbersOf({ class: name, isLogical, values }: MatNumeric): [flags: number, data: Uint8Array[]] {
  const flags = classNumbers.get(name)! | (isLogical ? LOGICAL : 0);
  return [flags, [tagged(storedTypes.get(name)!, bytesOf(values))]];
}

/** The length that names are padded to, the names, then the fields of each element. */
function fieldsOf({ fields }: MatStruct, count: number, path: string): Uint8Array[] {
  const names = [...fields.keys()];
  for (const name of names)
    if (!isAscii(name)) throw new RangeError(`writeMat: a field name of '${path}' is not ASCII`);
  const length = Math.max(1, ...names.map((name) => name.length)) + 1;
  const block = new Uint8Array(length * names.length);
  for (const [i, name] of names.entries()) block.set(new TextEncoder().encode(name), i * length);
  const members = Array.from({ length: count }, (_, i) =>
    names.map((name) => matrixOf('', fields.get(name)![i]!, `${path}.${name}`)),
  );
  return [
    tagged(elementTypes.int32, bytesOf(Int32Array.of(length))),
    tagged(elementTypes.int8, block),
    ...members.flat(),
  ];
}

/** Tag, data, zeros up to a multiple of `pad`. Up to four bytes share the tag's eight. */
function tagged(type: number, data: Uint8Array, { pad = 8 } = {}): Uint8Array {
  const isSmall = data.length > 0 && data.length <= 4 && pad === 8;
  const size = isSmall ? 8 : 8 + Math.ceil(data.length / pad) * pad;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  if (isSmall) view.setUint32(0, (data.length << 16) | type, true);
  else {
    view.setUint32(0, type, true);
    view.setUint32(4, data.length, true);
  }
  bytes.set(data, isSmall ? 4 : 8);
  return bytes;
}

/** Typed arrays are little-endian wherever WebGPU runs. */
function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

async function deflate(bytes: Uint8Array): Promise<Uint8Array> {
  // The cast: a Blob's stream takes any bytes, the types want them not shared.
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new CompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}
