/** Colour images: three planes, resized as grey ones are. */
import { type GreyImage, type ImageSize, resize } from './grey-image.ts';

export interface ColourImage {
  readonly width: number;
  readonly height: number;
  /** Planes of red, green and blue, each row-major, 0 to 255: 3 × height × width. */
  readonly values: Uint8Array;
}

/** How many planes an image has: 1 of grey, 3 of colours. */
export function planesOf({ width, height, values }: GreyImage | ColourImage): number {
  return values.length / (width * height);
}

/** Every new pixel is the mean of the area that it covers, plane by plane. */
export function resizePlanes(image: GreyImage | ColourImage, size: ImageSize): ColourImage {
  const [before, after] = [image.width * image.height, size.width * size.height];
  const values = new Uint8Array(planesOf(image) * after);
  for (let plane = 0; plane < planesOf(image); plane++) {
    const part = image.values.subarray(plane * before, (plane + 1) * before);
    values.set(resize({ ...image, values: part }, size).values, plane * after);
  }
  return { ...size, values };
}
