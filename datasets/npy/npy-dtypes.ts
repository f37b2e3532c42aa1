/** NumPy's numeric types: how many bytes, and which typed array holds them. */
import type { Numbers } from '../numbers.ts';

interface NpyDtype {
  readonly bytes: number;
  /** Given little-endian bytes of its own. */
  readonly read: (buffer: ArrayBuffer) => Numbers;
}

/** By kind and bytes. */
export const npyDtypes: ReadonlyMap<string, NpyDtype> = new Map<string, NpyDtype>([
  ['b1', { bytes: 1, read: (buffer) => new Uint8Array(buffer) }],
  ['i1', { bytes: 1, read: (buffer) => new Int8Array(buffer) }],
  ['u1', { bytes: 1, read: (buffer) => new Uint8Array(buffer) }],
  ['i2', { bytes: 2, read: (buffer) => new Int16Array(buffer) }],
  ['u2', { bytes: 2, read: (buffer) => new Uint16Array(buffer) }],
  ['i4', { bytes: 4, read: (buffer) => new Int32Array(buffer) }],
  ['u4', { bytes: 4, read: (buffer) => new Uint32Array(buffer) }],
  ['i8', { bytes: 8, read: (buffer) => new BigInt64Array(buffer) }],
  ['u8', { bytes: 8, read: (buffer) => new BigUint64Array(buffer) }],
  ['f2', { bytes: 2, read: (buffer) => halves(new Uint16Array(buffer)) }],
  ['f4', { bytes: 4, read: (buffer) => new Float32Array(buffer) }],
  ['f8', { bytes: 8, read: (buffer) => new Float64Array(buffer) }],
]);

/** As NumPy's header writes them. */
export function dtypeOf(values: Numbers): string {
  if (values instanceof Float64Array) return '<f8';
  if (values instanceof Float32Array) return '<f4';
  const size = values.BYTES_PER_ELEMENT;
  const isSigned = /^(Big)?Int/.test(values.constructor.name);
  return `${size === 1 ? '|' : '<'}${isSigned ? 'i' : 'u'}${size}`;
}

/** Half precision as float32: the bits moved to their places, and the exponent's other bias made up for. */
function halves(bits: Uint16Array): Float32Array {
  const moved = new Float32Array(
    Uint32Array.from(bits, (half) => ((half & 0x8000) << 16) | ((half & 0x7fff) << 13)).buffer,
  );
  return moved.map((value, i) => {
    const isFinite = (bits[i]! & 0x7c00) !== 0x7c00;
    if (isFinite) return value * 2 ** 112;
    return (bits[i]! & 0x3ff) === 0 ? Math.sign(value) * Infinity : NaN;
  });
}
