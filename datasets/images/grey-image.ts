/** Grey images: cut out and resized. */
import { checkNamed, inWords } from '../../base/borders.ts';

export interface GreyImage {
  readonly width: number;
  readonly height: number;
  /** Row-major, 0 to 255. */
  readonly values: Uint8Array;
}

/** In pixels, from the upper left corner. */
export interface CropBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** @throws RangeError where the box is empty or leaves the image. */
export function crop(image: GreyImage, box: CropBox): GreyImage {
  checkImage('crop', image);
  checkNamed('crop', box, 'left top width height');
  const { left, top, width, height } = box;
  const isInside =
    [left, top, width, height].every((value) => Number.isInteger(value) && value >= 0) &&
    left + width <= image.width &&
    top + height <= image.height;
  if (!isInside || width * height === 0) {
    const came = `${width}×${height} at (${left}, ${top})`;
    throw new RangeError(`crop: wants a box inside of ${image.width}×${image.height} pixels, got ${came}`);
  }
  const values = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    const from = (top + row) * image.width + left;
    values.set(image.values.subarray(from, from + width), row * width);
  }
  return { width, height, values };
}

/** Every new pixel is the mean of the area that it covers, so that shrinking does not alias. */
export function resize(image: GreyImage, size: ImageSize): GreyImage {
  checkImage('resize', image);
  checkNamed('resize', size, 'width height');
  const { width, height } = size;
  if (![width, height].every((value) => Number.isInteger(value) && value > 0))
    throw new RangeError(`resize: wants whole numbers of pixels, got ${width}×${height}`);
  const [columns, rows] = [coverage(image.width, width), coverage(image.height, height)];
  const values = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (const { place: row, weight: down } of rows[y]!)
        for (const { place: column, weight: across } of columns[x]!)
          sum += down * across * image.values[row * image.width + column]!;
      values[y * width + x] = Math.round(sum);
    }
  }
  return { width, height, values };
}

function checkImage(where: string, image: GreyImage): void {
  checkNamed(where, image, 'width height values');
  const { width, height, values } = image;
  if (!ArrayBuffer.isView(values))
    throw new Error(`${where}: the image's values must be a Uint8Array, got ${inWords(values)}`);
  if (values.length !== width * height)
    throw new Error(`${where}: the image has ${values.length} values for ${width}×${height} pixels`);
}

/** Which old pixels a new one covers, and what share of it each is. */
function coverage(from: number, to: number): { place: number; weight: number }[][] {
  const scale = from / to;
  return Array.from({ length: to }, (_, i) => {
    const [start, end] = [i * scale, (i + 1) * scale];
    const last = Math.min(from, Math.ceil(end - 1e-9));
    return Array.from({ length: last - Math.floor(start) }, (__, j) => {
      const place = Math.floor(start) + j;
      return { place, weight: (Math.min(end, place + 1) - Math.max(start, place)) / scale };
    });
  });
}
