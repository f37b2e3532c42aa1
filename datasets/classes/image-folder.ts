/** Folders of images by class: CLASS/NAME.png, or train/CLASS/NAME.png with valid/ and test/ beside it, as CINIC-10 has them. */
import { checkFunction, checkNamed } from '../../base/borders.ts';
import { DatasetError } from '../dataset-error.ts';
import { checkFolder, checkReadOptions, type Folder, readEach, type ReadOptions } from '../folder.ts';
import { type ColourImage, planesOf, resizePlanes } from '../images/colour-image.ts';
import type { GreyImage, ImageSize } from '../images/grey-image.ts';
import { checkSameSize, type ClassifiedImages, type ClassifiedParts } from './classified-images.ts';

export interface ImageFolderOptions extends ReadOptions {
  /** Makes bytes of a PNG: `decodeRgbPng` or `decodeGreyPng` of 'limbeck/png', or another. */
  readonly decode: (bytes: Uint8Array, options: { where: string }) => GreyImage | ColourImage;
  /** To what size; all images must have one if left out. */
  readonly size?: ImageSize;
}

/** Folders of parts, and what else they are called. */
const PARTS = { train: ['train'], valid: ['valid', 'val', 'validation'], test: ['test'] } as const;
/** Images that are not read here: passing them over silently would leave a class thinner than it is. */
const OTHER_IMAGES = /\.(jpe?g|webp|bmp|gif|tiff?)$/i;

/**
 * Reads every PNG of every class; classes are in the order of their folders' names, those of the training part. Without a folder
 * 'train' all is one part, `train`. Files in the place of folders, and names that begin with a dot, are passed over.
 *
 * @throws DatasetError where a class has no image, sizes differ, or another part has a class that the training part has not; what
 *   `decode` throws, unless `skipBad`.
 */
export async function readImageFolder(folder: Folder, options: ImageFolderOptions): Promise<ClassifiedParts> {
  checkFolder('readImageFolder', folder);
  checkReadOptions('readImageFolder', options, 'decode size', true);
  checkFunction('readImageFolder', 'decode', options.decode);
  if (options.size !== undefined) checkNamed('readImageFolder: size', options.size, 'width height');
  const names = await folder.list('');
  const pathOf = (part: keyof typeof PARTS) => PARTS[part].find((name) => names.includes(name));
  const root = pathOf('train') ?? '';
  const found = await classesIn(folder, root);
  if (found.length === 0)
    throw new DatasetError(root || '.', 'holds no folder; wants one for each class, with its images');
  const classes = found.map(({ name }) => name);
  const train = await imagesIn(folder, found, { ...options, classes });
  if (root === '') return { train };
  const other = async (part: 'valid' | 'test'): Promise<ClassifiedImages | undefined> => {
    const path = pathOf(part);
    if (path === undefined) return undefined;
    const own = await classesIn(folder, path);
    const stranger = own.find(({ name }) => !classes.includes(name));
    if (stranger) throw new DatasetError(stranger.path, `is a class that ${root} has not`);
    const images = await imagesIn(folder, own, { ...options, classes });
    checkSameSize(path, images, train);
    return images;
  };
  const [valid, test] = [await other('valid'), await other('test')];
  return { train, ...(valid && { valid }), ...(test && { test }) };
}

interface ClassFolder {
  readonly name: string;
  readonly path: string;
  readonly files: readonly string[];
}

async function classesIn(folder: Folder, root: string): Promise<ClassFolder[]> {
  const found: ClassFolder[] = [];
  for (const name of await folder.list(root)) {
    if (name.startsWith('.')) continue;
    const path = root === '' ? name : `${root}/${name}`;
    let files: string[];
    try {
      files = await folder.list(path);
    } catch (error) {
      // A file: it has no names in it.
      if (error instanceof DatasetError) continue;
      throw error;
    }
    const other = files.find((file) => OTHER_IMAGES.test(file));
    if (other !== undefined)
      throw new DatasetError(
        `${path}/${other}`,
        'is no PNG; convert the images, or take it out of the folder',
      );
    const images = files.filter((file) => /\.png$/i.test(file) && !file.startsWith('.'));
    if (images.length === 0) throw new DatasetError(path, 'holds no image .png');
    found.push({ name, path, files: images });
  }
  return found;
}

async function imagesIn(
  folder: Folder,
  found: readonly ClassFolder[],
  { classes, decode, size, ...reading }: ImageFolderOptions & { classes: readonly string[] },
): Promise<ClassifiedImages> {
  const files = found.flatMap(({ name, path, files: own }) =>
    own.map((file) => ({ label: classes.indexOf(name), path: `${path}/${file}` })),
  );
  const read = async ({ label, path }: (typeof files)[number]) => {
    const image = decode(await folder.read(path), { where: path });
    const fitting = size ? resizePlanes(image, size) : image;
    const { height, width, values } = fitting;
    first ??= { channels: planesOf(fitting), height, width };
    if (height !== first.height || width !== first.width || planesOf(fitting) !== first.channels)
      throw new DatasetError(
        path,
        `wants images of one size, got ${planesOf(fitting)}×${height}×${width} after ${first.channels}×${first.height}×${first.width}; see size`,
      );
    return { label, values };
  };
  let first: Pick<ClassifiedImages, 'channels' | 'height' | 'width'> | undefined;
  let pixels = new Uint8Array();
  const labels = new Uint16Array(files.length);
  let rows = 0;
  for await (const { label, values } of readEach(files, read, reading)) {
    if (rows === 0) pixels = new Uint8Array(files.length * values.length);
    pixels.set(values, rows * values.length);
    labels[rows++] = label;
  }
  if (!first || rows === 0) throw new DatasetError(found[0]!.path, 'holds no image that can be read');
  const each = pixels.length / files.length;
  return {
    rows,
    ...first,
    pixels: pixels.subarray(0, rows * each),
    classes,
    labels: labels.subarray(0, rows),
  };
}
