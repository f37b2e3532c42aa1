/** PNG images as grey bytes, or as planes of colours, through the package fast-png: `limbeck/png`. */
import { convertIndexedToRgb, decode, type DecodedPng } from 'fast-png';
import { checkBytes, checkNumber, checkOptions } from '../base/borders.ts';
import { FileError } from './file-error.ts';
import type { ColourImage } from './images/colour-image.ts';
import { pixelChunks } from './packed/png-chunks.ts';
import type { GreyImage } from './images/grey-image.ts';

/** All that reading a PNG throws. */
export class PngError extends FileError {
  override readonly name = 'PngError';
}

/** Weights of red, green and blue in luma, ITU-R BT.601: what OpenCV and Pillow take. */
const LUMA = [0.299, 0.587, 0.114] as const;
/** Where width and height stand, after signature, length and type of the first chunk. */
const SIZE_AT = 16;

export interface PngOptions {
  /** What errors call the file. */
  readonly where?: string;
  /** Larger images are refused before they are decoded; 2^26 if left out. */
  readonly maxPixels?: number;
}

/**
 * An image as grey bytes: grey, colour or palette, of 1 to 16 bits. 16 bits are rounded to 8.
 *
 * @throws PngError where the bytes are no whole PNG, it is too large, or has transparent pixels.
 */
export function decodeGreyPng(bytes: Uint8Array, options: PngOptions = {}): GreyImage {
  return decodeBy('decodeGreyPng', bytes, options, ({ samples, channels, max, pixels }) =>
    Uint8Array.from({ length: pixels }, (_, i) => {
      const at = i * channels;
      const level =
        channels < 3
          ? samples[at]!
          : LUMA[0] * samples[at]! + LUMA[1] * samples[at + 1]! + LUMA[2] * samples[at + 2]!;
      return Math.round((level * 255) / max);
    }),
  );
}

/**
 * An image as three planes of bytes, red, green and blue; of a grey one all three are the same. Otherwise as `decodeGreyPng`.
 *
 * @throws PngError where the bytes are no whole PNG, it is too large, or has transparent pixels.
 */
export function decodeRgbPng(bytes: Uint8Array, options: PngOptions = {}): ColourImage {
  return decodeBy('decodeRgbPng', bytes, options, ({ samples, channels, max, pixels }) =>
    Uint8Array.from({ length: 3 * pixels }, (_, i) => {
      const plane = Math.floor(i / pixels);
      const at = (i - plane * pixels) * channels + (channels < 3 ? 0 : plane);
      return Math.round((samples[at]! * 255) / max);
    }),
  );
}

interface Samples {
  /** A number for each channel of each pixel, 0 to `max`. */
  readonly samples: ArrayLike<number>;
  readonly channels: number;
  readonly max: number;
  readonly pixels: number;
}

function decodeBy(
  reader: string,
  bytes: Uint8Array,
  options: PngOptions,
  valuesOf: (samples: Samples) => Uint8Array,
): GreyImage & ColourImage {
  checkBytes(reader, bytes);
  checkOptions(reader, options, 'where maxPixels');
  const { where = 'png', maxPixels = 2 ** 26 } = options;
  checkNumber(reader, 'maxPixels', maxPixels, { from: 0, to: Infinity });
  const fail = (offset: number, problem: string, fault?: 'unsupported' | 'limit'): never => {
    throw new PngError({ where, offset }, problem, fault);
  };
  if (bytes.length < SIZE_AT + 8 || bytes[0] !== 0x89 || bytes[1] !== 0x50)
    fail(0, 'this is no PNG, or it is cut off');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height] = [view.getUint32(SIZE_AT), view.getUint32(SIZE_AT + 4)];
  if (width * height > maxPixels)
    fail(
      SIZE_AT,
      `${width}×${height} pixels are over ${maxPixels}; raise maxPixels if you trust the file`,
      'limit',
    );
  const lean = pixelChunks(bytes, fail);
  let png: DecodedPng;
  try {
    png = decode(lean, { checkCrc: true });
  } catch (error) {
    return fail(0, `the image is damaged (${error instanceof Error ? error.message : String(error)})`);
  }
  if (png.transparency) fail(0, 'the image has a transparent colour; save it without', 'unsupported');
  const all = { ...samplesOf(png), pixels: png.width * png.height };
  if (isTransparent(all)) fail(0, 'the image has transparent pixels; flatten it first', 'unsupported');
  return { width: png.width, height: png.height, values: valuesOf(all) };
}

function isTransparent({ samples, channels, max, pixels }: Samples): boolean {
  if (channels !== 2 && channels !== 4) return false;
  for (let i = 1; i <= pixels; i++) if (samples[i * channels - 1]! < max) return true;
  return false;
}

/** Palettes are looked up, pixels of less than a byte taken apart. */
function samplesOf(png: DecodedPng): Omit<Samples, 'pixels'> {
  if (png.palette) {
    return { samples: convertIndexedToRgb(png), channels: png.palette[0]?.length ?? 3, max: 255 };
  }
  const { data, depth, width, height, channels } = png;
  const max = 2 ** depth - 1;
  if (depth >= 8) return { samples: data, channels, max };
  const rowBytes = Math.ceil((width * depth) / 8);
  const samples = new Uint8Array(width * height);
  for (let i = 0; i < samples.length; i++) {
    const [row, bit] = [Math.floor(i / width), (i % width) * depth];
    samples[i] = (data[row * rowBytes + (bit >> 3)]! >> (8 - depth - (bit & 7))) & max;
  }
  return { samples, channels: 1, max };
}
