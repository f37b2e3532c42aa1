/** What is wrong with a safetensors file: typed errors, and the checks that reader and writer share. */
import { type Shape, show } from '../shape.ts';

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

export function fail(code: SafetensorsErrorCode, message: string): never {
  throw new SafetensorsError(code, message);
}

/** A name from a file, fit for a message: escaped, and cut to a length. */
export function quote(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}

export function checkString(key: string, value: unknown): string {
  if (typeof value !== 'string') {
    fail('metadata', `metadata ${quote(key)}: wants a string, got ${typeof value}`);
  }
  checkText(key);
  checkText(value);
  return value;
}

/** Half a surrogate pair has no UTF-8: it would not survive the file. */
export function checkText(text: string): void {
  if (/\p{Surrogate}/u.test(text)) fail('header-text', `${quote(text)} has half a surrogate pair`);
}

export function checkSize(name: string, shape: Shape, elementBytes: number, sizeBytes: number): void {
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
