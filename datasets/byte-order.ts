/** Numbers of either byte order. Typed arrays are little-endian wherever WebGPU runs. */

/** Reverses every `size` bytes, in place. */
export function swapBytes(bytes: Uint8Array, size: number): void {
  if (size === 1) return;
  for (let start = 0; start + size <= bytes.length; start += size) {
    for (let low = start, high = start + size - 1; low < high; low++, high--) {
      const byte = bytes[low]!;
      bytes[low] = bytes[high]!;
      bytes[high] = byte;
    }
  }
}

/** A copy with a buffer of its own, so that a typed array of any element size may begin at its start. */
export function ownBytes(
  bytes: Uint8Array,
  { size, littleEndian }: { size: number; littleEndian: boolean },
): ArrayBuffer {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  if (!littleEndian) swapBytes(copy, size);
  return copy.buffer;
}
