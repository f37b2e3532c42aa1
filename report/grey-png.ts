/** Grey images as PNG without compression: small patches, written where no codec is at hand. */

import { crc32 } from '../base/crc32.ts';
import type { GreyImage } from '../datasets/images/grey-image.ts';
import { joinBytes } from '../base/join-bytes.ts';

/** What a stored block of deflate holds at most. */
const mostStored = 0xffff;

export function greyPng({ width, height, values }: GreyImage): Uint8Array {
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  // Eight bits a pixel, grey; then the only kinds of compression, filters and interlacing there are: 0, 0, 0.
  header.setUint8(8, 8);
  const lines = new Uint8Array(height * (width + 1));
  for (let row = 0; row < height; row++)
    lines.set(values.subarray(row * width, (row + 1) * width), row * (width + 1) + 1);
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  return joinBytes([
    signature,
    chunk('IHDR', new Uint8Array(header.buffer)),
    chunk('IDAT', stored(lines)),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

/** The image as an address that a page can hold. */
export function greyPngUri(image: GreyImage): string {
  let text = '';
  for (const byte of greyPng(image)) text += String.fromCharCode(byte);
  return `data:image/png;base64,${btoa(text)}`;
}

function chunk(name: string, data: Uint8Array): Uint8Array {
  const named = joinBytes([Uint8Array.from(name, (letter) => letter.charCodeAt(0)), data]);
  return joinBytes([bigEndian(data.length), named, bigEndian(crc32(named))]);
}

/** A zlib stream of stored blocks (RFC 1950, RFC 1951). */
function stored(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0x78, 0x01)];
  for (let start = 0; start < bytes.length; start += mostStored) {
    const block = bytes.subarray(start, start + mostStored);
    const isLast = start + mostStored >= bytes.length;
    const { length } = block;
    parts.push(Uint8Array.of(Number(isLast), length & 255, length >> 8, ~length & 255, (~length >> 8) & 255));
    parts.push(block);
  }
  return joinBytes([...parts, bigEndian(adler32(bytes))]);
}

function adler32(bytes: Uint8Array): number {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return b * 65536 + a;
}

function bigEndian(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}
