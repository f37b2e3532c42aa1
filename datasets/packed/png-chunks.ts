/**
 * The chunks of a PNG that make its pixels, checked before anything is unpacked: the decoder inflates whatever is packed,
 * and a file of one pixel can hold a gigabyte of it.
 */
import { joinBytes } from '../../base/join-bytes.ts';
import { inflatedLength } from './inflated-length.ts';

type Fail = (offset: number, problem: string, fault?: 'unsupported' | 'limit') => never;

const SIGNATURE_BYTES = 8;
/** What the pixels are made of. Profiles, texts and times are not looked at. */
const WANTED = ['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND'];
/** Of grey, colour, palette, grey and colour with transparency, by the number in the header. */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** The file without the other chunks. Nothing is copied twice; checksums are the decoder's business. */
export function pixelChunks(bytes: Uint8Array, fail: Fail): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kept = [bytes.subarray(0, SIGNATURE_BYTES)];
  const packed: Uint8Array[] = [];
  let first = -1;
  for (let at = SIGNATURE_BYTES; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    const end = at + 12 + length;
    if (end > bytes.length) return bytes; // Cut off: the decoder says so.
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (WANTED.includes(type)) kept.push(bytes.subarray(at, end));
    if (type === 'IDAT') {
      if (first < 0) first = at;
      packed.push(bytes.subarray(at + 8, end - 4));
    }
    if (type === 'IEND') break;
    at = end;
  }
  const wanted = unpackedBytes(bytes, view);
  if (wanted !== undefined && packed.length > 0)
    checkPacked(joinBytes(packed), wanted, (problem) => fail(first, problem, 'limit'));
  return joinBytes(kept);
}

/** How many bytes the pixels have, a byte a line for its filter; interlaced ones have up to twice as many lines. Undefined for no known header. */
function unpackedBytes(bytes: Uint8Array, view: DataView): number | undefined {
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const [depth, colour, interlace] = [bytes[24]!, bytes[25]!, bytes[28]!];
  const channels = CHANNELS[colour];
  if (channels === undefined) return undefined;
  const line = (pixels: number) => Math.ceil((pixels * depth * channels) / 8) + 1;
  return interlace === 0 ? height * line(width) : 2 * (height + 8) * line(width);
}

/** Two bits of deflate make at most 258 bytes. */
const MOST_RATIO = 1032;
/** Of less nobody's memory suffers, whatever it is. */
const HARMLESS_BYTES = 2 ** 26;

function checkPacked(packed: Uint8Array, wanted: number, fail: (problem: string) => never): void {
  if (wanted > packed.length * MOST_RATIO)
    fail(`the pixels have ${wanted} bytes, which ${packed.length} packed ones cannot hold`);
  if (inflatedBound(packed, wanted) > wanted)
    fail(`more is packed than the ${wanted} bytes that the pixels have`);
}

/** At least what comes out, of what is dangerous; else `wanted`. Packing makes nothing much longer. */
function inflatedBound(packed: Uint8Array, wanted: number): number {
  if (packed.length > 1.01 * wanted + 1024) return Infinity;
  if (packed.length * MOST_RATIO <= Math.max(wanted, HARMLESS_BYTES)) return wanted;
  // Behind the two bytes of zlib's header.
  return inflatedLength(packed.subarray(2), wanted);
}
