/** The header of a .npy file: a Python dictionary as text, of which only three keys and their forms are accepted. */
import { quoted } from '../file-error.ts';

export interface NpyHeader {
  /** As in the file: '<f8'. */
  readonly dtype: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

/** Calls `fail` with what is wrong; `isUnsupported` if NumPy could read it. */
export type FailHeader = (problem: string, isUnsupported?: boolean) => never;

const MOST_DIMENSIONS = 64;
/** A key, and a string, a Boolean, a tuple, or the list that describes records. */
const ENTRY = /\s*(['"])(\w+)\1\s*:\s*(?:(['"])([^'"]*)\3|(True|False)|\(([^()]*)\)|(\[))\s*,?/y;

export function parseNpyHeader(text: string, fail: FailHeader): NpyHeader {
  const trimmed = text.trim();
  if (!trimmed.startsWith('{') || !trimmed.endsWith('}'))
    fail(`wants a header like {'descr': '<f8', …}, got ${quoted(trimmed)}`);
  const entries = trimmed.slice(1, -1);
  const found = new Map<string, string | boolean | readonly number[]>();
  ENTRY.lastIndex = 0;
  for (let at = 0; entries.slice(at).trim() !== ''; at = ENTRY.lastIndex) {
    const match = ENTRY.exec(entries);
    if (!match) fail(`cannot read the header from ${quoted(entries.slice(at))} on`);
    const [, , key = '', , string, boolean, tuple, list] = match!;
    if (list) fail('the array has records (a structured dtype); save each field as an array', true);
    if (found.has(key)) fail(`the header has ${quoted(key)} twice`);
    found.set(key, string ?? (tuple === undefined ? boolean === 'True' : lengthsOf(tuple, fail)));
  }
  const take = <T>(key: string, what: string, isRight: (value: unknown) => value is T): T => {
    const value = found.get(key);
    found.delete(key);
    return isRight(value) ? value : fail(`the header wants '${key}', ${what}`);
  };
  const dtype = take('descr', 'a string', (value) => typeof value === 'string');
  const fortranOrder = take('fortran_order', 'True or False', (value) => typeof value === 'boolean');
  const shape = take('shape', 'a tuple of lengths', Array.isArray) as readonly number[];
  for (const key of found.keys()) fail(`the header has ${quoted(key)}, which the format does not have`);
  return { dtype, fortranOrder, shape };
}

/** '3, 4', '3,' or nothing; Python 2 wrote 3L. */
function lengthsOf(tuple: string, fail: FailHeader): number[] {
  const parts = tuple.split(',').map((part) => part.trim());
  if (parts.at(-1) === '') parts.pop();
  else if (parts.length === 1) fail(`the shape (${tuple}) is a number; a tuple of one length has a comma`);
  if (parts.length > MOST_DIMENSIONS)
    fail(`the shape has ${parts.length} dimensions, over ${MOST_DIMENSIONS}`);
  return parts.map((part) => {
    const length = /^\d+L?$/.test(part) ? Number.parseInt(part, 10) : NaN;
    return Number.isSafeInteger(length) ? length : fail(`the shape has ${quoted(part)}, which is no length`);
  });
}
