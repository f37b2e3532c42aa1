/** Folders of IDX files as MNIST and its relatives are published: images and labels of a training and a test part. */
import { checkOptions } from '../../base/borders.ts';
import { DatasetError } from '../dataset-error.ts';
import { FileError } from '../file-error.ts';
import { checkFolder, type Folder } from '../folder.ts';
import {
  checkSameSize,
  type ClassifiedImages,
  type ClassifiedParts,
  numberedClasses,
} from './classified-images.ts';
import { type IdxOptions, readIdx } from './idx.ts';

/** Parts, and what their files are called. */
const PARTS = { train: /train/i, test: /t10k|test/i } as const;
const EXAMPLE = { images: 'images-idx3-ubyte', labels: 'labels-idx1-ubyte' } as const;

/**
 * Reads train-images-idx3-ubyte, train-labels-idx1-ubyte and those of t10k or test, each perhaps with .gz; names may have more in
 * them, such as emnist-digits-train-images-idx3-ubyte. Where a file is there both ways the plain one is read. Classes are called by
 * their numbers.
 *
 * @throws DatasetError where a file is missing, or parts do not fit each other; FileError where one cannot be read.
 */
export async function readIdxFolder(
  folder: Folder,
  options: Pick<IdxOptions, 'maxBytes'> = {},
): Promise<ClassifiedParts> {
  checkFolder('readIdxFolder', folder);
  checkOptions('readIdxFolder', options, 'maxBytes');
  const names = await folder.list('');
  const read = async (part: keyof typeof PARTS) => {
    const images = fileOf(names, part, 'images');
    const labels = fileOf(names, part, 'labels');
    return { where: images, part: await readPart(folder, { images, labels }, options) };
  };
  const hasTest = names.some((name) => isOf(name, 'test', 'images') || isOf(name, 'test', 'labels'));
  const train = await read('train');
  const test = hasTest ? await read('test') : undefined;
  const classes = numberedClasses(train.part.labels, test?.part.labels ?? new Uint16Array());
  const withClasses = ({ part }: typeof train): ClassifiedImages => ({ ...part, classes });
  if (!test) return { train: withClasses(train) };
  checkSameSize(test.where, withClasses(test), withClasses(train));
  return { train: withClasses(train), test: withClasses(test) };
}

function isOf(name: string, part: keyof typeof PARTS, what: keyof typeof EXAMPLE): boolean {
  const isNamed = what === 'images' ? /images[-_.]idx3/i : /labels[-_.]idx1/i;
  return isNamed.test(name) && PARTS[part].test(name);
}

function fileOf(names: readonly string[], part: keyof typeof PARTS, what: keyof typeof EXAMPLE): string {
  const found = names.filter((name) => isOf(name, part, what));
  const plain = found.filter((name) => !name.endsWith('.gz'));
  const [name, another] = plain.length > 0 ? plain : found;
  const example = `${part === 'train' ? 'train' : 't10k'}-${EXAMPLE[what]}`;
  if (name === undefined) throw new DatasetError(example, 'is missing, with or without .gz');
  if (another !== undefined)
    throw new DatasetError(another, `could be meant as well as ${name}; wants one ${example}`);
  return name;
}

async function readPart(
  folder: Folder,
  { images, labels }: { images: string; labels: string },
  options: Pick<IdxOptions, 'maxBytes'>,
): Promise<Omit<ClassifiedImages, 'classes'>> {
  const read = async (where: string, axes: number) => {
    const { shape, values } = await readIdx(await folder.read(where), { where, ...options });
    if (shape.length !== axes || !(values instanceof Uint8Array))
      throw new FileError(
        { where, offset: 2 },
        `wants bytes on ${axes} axes, got a ${values.constructor.name} on ${shape.length}`,
        'unsupported',
      );
    return { shape, values };
  };
  const pictures = await read(images, 3);
  const classes = await read(labels, 1);
  const [rows, height, width] = pictures.shape as [number, number, number];
  if (classes.shape[0] !== rows)
    throw new DatasetError(labels, `has ${classes.shape[0]} labels for the ${rows} images of ${images}`);
  if (rows * height * width === 0)
    throw new DatasetError(images, `holds ${rows} images of ${height}×${width}`);
  return {
    rows,
    channels: 1,
    height,
    width,
    pixels: pictures.values,
    labels: Uint16Array.from(classes.values),
  };
}
