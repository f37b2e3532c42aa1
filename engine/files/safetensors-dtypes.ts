/** Element types of safetensors files: how many bytes, and how they become typed arrays. */
import type { Values } from '../backend.ts';
import { fail, quote } from './safetensors-error.ts';

export interface DtypeReader {
  readonly bytes: number;
  /** Given bytes of its own, aligned. Typed arrays are little-endian wherever WebGPU runs, as the format is. */
  readonly read: (buffer: ArrayBuffer, name: string) => Values;
}

export const readers: ReadonlyMap<string, DtypeReader> = new Map<string, DtypeReader>([
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
