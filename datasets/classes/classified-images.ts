/** Images with a class each: what readers of classification sets give. */
import { DatasetError } from '../dataset-error.ts';

export interface ClassifiedImages {
  readonly rows: number;
  /** 1 of grey images, 3 of red, green and blue. */
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Bytes, rows × channels × height × width: image after image, plane after plane. */
  readonly pixels: Uint8Array;
  /** Names, in the order of their numbers. */
  readonly classes: readonly string[];
  /** A place in `classes` for each row. */
  readonly labels: Uint16Array;
}

/** The parts that a source has, which agree in their classes and in the size of their images. */
export interface ClassifiedParts {
  readonly train: ClassifiedImages;
  readonly valid?: ClassifiedImages;
  readonly test?: ClassifiedImages;
}

/** Refuses another size than that of the first part; `where` is the file that has it. */
export function checkSameSize(where: string, part: ClassifiedImages, first: ClassifiedImages): void {
  const sizeOf = ({ channels, height, width }: ClassifiedImages) => `${channels}×${height}×${width}`;
  if (sizeOf(part) !== sizeOf(first))
    throw new DatasetError(where, `wants images of one size, got ${sizeOf(part)} after ${sizeOf(first)}`);
}

/** Class numbers as their own names. */
export function numberedClasses(...labels: readonly Uint16Array[]): string[] {
  let most = -1;
  for (const part of labels) for (const label of part) most = Math.max(most, label);
  return Array.from({ length: most + 1 }, (_, label) => String(label));
}
