/** Tables whose columns are the pixels of an image: one a row, with its class. */
import { DatasetError } from '../dataset-error.ts';
import type { ImageSizes, Table } from '../dataset.ts';
import type { ClassifiedImages } from './classified-images.ts';

/**
 * All columns but that of the classes are pixels, plane after plane, row by row: whole numbers from 0 to 255. Rows without a class
 * are left out.
 *
 * @param size Width and height; a square of one plane if left out.
 * @throws DatasetError where there are not as many columns as pixels, or a number is no pixel.
 */
export function tableImages(
  { columns, rows, values, classes }: Table,
  where: string,
  size?: Pick<ImageSizes, 'width' | 'height'>,
): ClassifiedImages {
  if (!classes) throw new DatasetError(where, 'has no column of classes');
  const label = columns.indexOf(classes.column);
  const count = columns.length - 1;
  const { channels, height, width } = sizesOf(count, where, size);
  const known = Array.from({ length: rows }, (_, row) => row).filter(
    (row) => !Number.isNaN(values[row * columns.length + label]!),
  );
  const pixels = new Uint8Array(known.length * count);
  const labels = new Uint16Array(known.length);
  for (const [i, row] of known.entries()) {
    let at = i * count;
    for (const [column, name] of columns.entries()) {
      const value = values[row * columns.length + column]!;
      if (column === label) labels[i] = value;
      else if (Number.isInteger(value) && value >= 0 && value <= 255) pixels[at++] = value;
      else
        throw new DatasetError(
          where,
          `column '${name}', row ${row} (from 0): ${value} is no pixel; wants whole numbers from 0 to 255`,
        );
    }
  }
  return { rows: known.length, channels, height, width, pixels, classes: classes.names, labels };
}

function sizesOf(
  count: number,
  where: string,
  size: Pick<ImageSizes, 'width' | 'height'> | undefined,
): ImageSizes {
  const side = Math.round(Math.sqrt(count));
  const { width, height } = size ?? { width: side, height: side };
  const channels = count / (width * height);
  if (channels === 1 || channels === 3) return { channels, width, height };
  const wanted = size
    ? `${width}x${height} wants ${width * height}, or three times as many`
    : 'they are no square';
  throw new DatasetError(where, `has ${count} columns besides the class; ${wanted} (--images WIDTHxHEIGHT)`);
}
