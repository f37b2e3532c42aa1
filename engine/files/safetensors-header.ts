/** The JSON header of a safetensors file, scanned before it is parsed. */
import { type DtypeReader, readers } from './safetensors-dtypes.ts';
import { checkSize, checkString, checkText, fail, quote } from './safetensors-error.ts';
import type { Shape } from '../shape.ts';

export const METADATA = '__metadata__';
const MAX_RANK = 64;

export interface TensorInfo {
  readonly dtype: string;
  readonly shape: Shape;
  readonly start: number;
  readonly end: number;
  readonly reader: DtypeReader;
}

export function readHeader(text: string) {
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
