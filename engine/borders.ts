/** What users pass to public functions is checked once, and refused by the name of what was called. */
import type { Backend, DType } from './backend.ts';

/** A value in a few words, for messages: `a list [1, 2]`, `a string 'a'`, `a Promise; await it`. */
export function inWords(value: unknown): string {
  if (Array.isArray(value)) return value.length < 9 ? `a list [${value.map(String).join(', ')}]` : 'a list';
  if (typeof value === 'string') return `a string '${value}'`;
  if (typeof value === 'function') return `a function ${value.name}`.trim();
  if (value === null || typeof value !== 'object') return String(value);
  if (value instanceof Promise) return 'a Promise; await it';
  const kind = value.constructor?.name;
  return kind && kind !== 'Object' ? `a ${kind}` : `an object { ${Object.keys(value).join(', ')} }`;
}

/**
 * Refuses what is no object of options, and an option that there is not: misspelt, it would be left out silently.
 * `known` is a text of names with spaces between. The object itself may be left out unless it `isRequired`.
 */
export function checkOptions(
  where: string,
  given: object | undefined,
  known: string,
  isRequired = false,
): void {
  if (given === undefined && !isRequired) return;
  const wants = () => `it has ${known.split(' ').join(', ')}`;
  const prototype: unknown = given !== null && typeof given === 'object' && Object.getPrototypeOf(given);
  if (prototype !== Object.prototype && prototype !== null)
    throw new Error(`${where}: options must be an object, got ${inWords(given)}; ${wants()}`);
  for (const key in given)
    if (!` ${known} `.includes(` ${key} `)) throw new Error(`${where}: unknown option '${key}'; ${wants()}`);
}

export function checkBackend(where: string, backend: Backend): void {
  if (typeof backend?.dispatch !== 'function')
    throw new Error(
      `${where}: on which backend? Wants what openCpu() or await openGpu() gives, got ${inWords(backend)}`,
    );
}

/** Refuses what is no list of numbers, or of integers for u32. Typed arrays of a fitting type are not looked through. */
export function checkNumbers(where: string, values: ArrayLike<number>, dtype: DType = 'f32'): void {
  const isList = typeof values === 'object' && Number.isInteger(values?.length);
  if (!isList) throw new Error(`${where}: wants a list of numbers, got ${inWords(values)}`);
  const isInteger = dtype === 'u32';
  const isFitting = isInteger
    ? /^Uint(8|8Clamped|16|32)Array$/.test(values.constructor.name)
    : ArrayBuffer.isView(values) && typeof values[0] !== 'bigint';
  if (isFitting) return;
  for (let i = 0; i < values.length; i++) {
    const value: unknown = values[i];
    if (typeof value === 'number' && (!isInteger || value >>> 0 === value)) continue;
    const wants = isInteger ? 'u32 wants integers from 0 to 4294967295' : 'wants numbers in one flat list';
    throw new Error(`${where}: value ${i} is ${inWords(value)}; ${wants}`);
  }
}

export function checkList(where: string, name: string, value: readonly unknown[]): void {
  if (!Array.isArray(value)) throw new Error(`${where}: ${name} must be a list, got ${inWords(value)}`);
}

export function checkFunction(where: string, name: string, f: unknown): void {
  if (typeof f !== 'function') throw new Error(`${where}: ${name} must be a function, got ${inWords(f)}`);
}

/** Refuses what cannot have the tensors or functions `names` as its members; it may have others. */
export function checkNamed(where: string, given: object, names: string): void {
  if (given === null || typeof given !== 'object' || given instanceof Promise)
    throw new Error(`${where}: wants { ${names.split(' ').join(', ')} }, got ${inWords(given)}`);
}
