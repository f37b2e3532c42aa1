/** What crosses the public border is checked once, and refused by the name of what was called. */

/** A value in a few words, for messages: `a list [1, 2]`, `a string 'a'`, `a Promise; await it`. */
export function inWords(value: unknown): string {
  if (Array.isArray(value)) return value.length < 9 ? `a list [${value.map(String).join(', ')}]` : 'a list';
  if (typeof value === 'string') return `a string '${value.length > 80 ? `${value.slice(0, 80)}…` : value}'`;
  if (typeof value === 'function') return `a function ${value.name}`.trim();
  if (typeof value === 'bigint') return `${value}n`;
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

/**
 * Refuses what is no list of numbers, or of integers that a uint32 holds. Typed arrays of a fitting type are not looked
 * through.
 */
export function checkNumberList(where: string, values: ArrayLike<number>, isInteger = false): void {
  const isList = values && typeof values === 'object' && Number.isInteger(values.length);
  if (!isList) throw new Error(`${where}: wants a list of numbers, got ${inWords(values)}`);
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

/** Refuses what is no file's bytes. Node's Buffer is such. */
export function checkBytes(where: string, bytes: Uint8Array): void {
  if (!(bytes instanceof Uint8Array))
    throw new Error(`${where}: wants the file as a Uint8Array, got ${inWords(bytes)}`);
}

export function checkText(where: string, name: string, value: string): void {
  if (typeof value !== 'string') throw new Error(`${where}: ${name} must be a text, got ${inWords(value)}`);
}

/** Refuses what is none of the `choices`; undefined is one that was left out. */
export function checkChoice(where: string, name: string, value: unknown, choices: readonly unknown[]): void {
  if (value === undefined || choices.includes(value)) return;
  const all = choices.map((choice) => (typeof choice === 'string' ? `'${choice}'` : String(choice)));
  throw new Error(`${where}: ${name} must be ${all.join(' or ')}, or left out, got ${inWords(value)}`);
}

export interface NumberRange {
  readonly from?: number;
  readonly to?: number;
  readonly isWhole?: boolean;
}

/** Refuses what is no number of a range; NaN always, and infinity unless the range has it. */
export function checkNumber(
  where: string,
  name: string,
  value: number,
  { from = -Number.MAX_VALUE, to = Number.MAX_VALUE, isWhole = false }: NumberRange = {},
): void {
  const isFitting = typeof value === 'number' && value >= from && value <= to;
  if (isFitting && (!isWhole || Number.isInteger(value))) return;
  const least = from === -Number.MAX_VALUE ? '' : ` of at least ${from}`;
  const most = to >= Number.MAX_VALUE ? '' : `${least && ' and'} of at most ${to}`;
  const wants = `a ${isWhole ? 'whole' : 'finite'} number${least}${most}`;
  throw new Error(`${where}: ${name} must be ${wants}, got ${inWords(value)}`);
}
