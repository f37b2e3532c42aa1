/** Pictures of persons with angles to predict: what every image data set becomes. */
import { DatasetError } from '../dataset-error.ts';
import { EYE_HEIGHT, EYE_WIDTH, type EyeSamples } from './eyes.ts';
import { type ImageSize, resize } from './grey-image.ts';
import type { MultipieImage } from './multipie.ts';

export interface Pictures {
  readonly rows: number;
  readonly height: number;
  readonly width: number;
  /** Greys, rows × height × width. */
  readonly pixels: Uint8Array;
  /** What is predicted: 'pitch' and 'yaw', or 'yaw' alone. */
  readonly targets: readonly string[];
  /** Degrees, rows × targets. */
  readonly angles: Float32Array;
  /** Numbers beside the picture, as many a row: pitch and yaw of the head in degrees. */
  readonly extras?: Float32Array;
  readonly people: readonly string[];
  /** Whose picture it is: a place in `people` for each row. */
  readonly person: Uint16Array;
}

export const GAZE_TARGETS: readonly string[] = ['pitch', 'yaw'];

const DEGREES = 180 / Math.PI;

/** Radians to degrees. */
export function inDegrees(angles: Float32Array): Float32Array {
  return angles.map((angle) => angle * DEGREES);
}

/** Eyes as pictures, shrunk if a size is given. */
export function eyePictures(eyes: EyeSamples, size?: ImageSize): Pictures {
  const { count, people, subjects } = eyes;
  const from = { height: EYE_HEIGHT, width: EYE_WIDTH };
  const { height, width } = size ?? from;
  return {
    rows: count,
    height,
    width,
    pixels: resizedAll(eyes.images, from, { height, width }),
    targets: GAZE_TARGETS,
    angles: inDegrees(eyes.gaze),
    extras: inDegrees(eyes.pose),
    people,
    person: subjects,
  };
}

/**
 * Images of Multi-PIE as pictures with the camera's yaw.
 *
 * @throws DatasetError if there is none, or they differ in size: give the reader a `size`.
 */
export async function headPictures(
  images: AsyncIterable<MultipieImage> | Iterable<MultipieImage>,
): Promise<Pictures> {
  const parts: Uint8Array[] = [];
  const yaws: number[] = [];
  const subjects: number[] = [];
  let size: ImageSize | undefined;
  for await (const { image, yaw, subject } of images) {
    size ??= { width: image.width, height: image.height };
    if (image.width !== size.width || image.height !== size.height)
      throw new DatasetError(
        `subject ${subject}`,
        `wants images of one size, got ${image.width}×${image.height} after ${size.width}×${size.height}`,
      );
    parts.push(image.values);
    yaws.push(yaw);
    subjects.push(subject);
  }
  if (!size) throw new DatasetError('session01/multiview', 'holds no image that can be read');
  const count = size.width * size.height;
  const pixels = new Uint8Array(parts.length * count);
  for (const [i, part] of parts.entries()) pixels.set(part, i * count);
  const numbers = [...new Set(subjects)];
  return {
    rows: parts.length,
    ...size,
    pixels,
    targets: ['yaw'],
    angles: Float32Array.from(yaws),
    people: numbers.map((subject) => `subject ${String(subject).padStart(3, '0')}`),
    person: Uint16Array.from(subjects, (subject) => numbers.indexOf(subject)),
  };
}

function resizedAll(pixels: Uint8Array, from: ImageSize, to: ImageSize): Uint8Array {
  if (from.height === to.height && from.width === to.width) return pixels;
  const [before, after] = [from.height * from.width, to.height * to.width];
  const rows = pixels.length / before;
  const resized = new Uint8Array(rows * after);
  for (let row = 0; row < rows; row++) {
    const values = pixels.subarray(row * before, (row + 1) * before);
    resized.set(resize({ ...from, values }, to).values, row * after);
  }
  return resized;
}
