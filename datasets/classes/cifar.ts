/** CIFAR-10 and CIFAR-100 in their binary versions (Krizhevsky 2009): records of one or two labels and 3×32×32 bytes. */
import { checkBytes, checkChoice, checkOptions } from '../../base/borders.ts';
import { DatasetError } from '../dataset-error.ts';
import { FileError } from '../file-error.ts';
import { checkFolder, type Folder } from '../folder.ts';
import type { ClassifiedImages, ClassifiedParts } from './classified-images.ts';

const SIDE = 32;
const PIXELS = 3 * SIDE * SIDE;

/** What stands before the pixels of a record: how many classes each label chooses from. */
const LABELS = { 10: [10], 100: [20, 100] } as const;

export interface CifarOptions {
  /** What errors call the file. */
  readonly where?: string;
}

export interface CifarRecords {
  readonly rows: number;
  /** rows × 3 × 32 × 32: red, green, blue. */
  readonly pixels: Uint8Array;
  /** The class of ten, or the fine one of a hundred. */
  readonly labels: Uint16Array;
  /** Of CIFAR-100 the coarse class, of twenty. */
  readonly coarse?: Uint16Array;
}

/**
 * The records of one file.
 *
 * @throws FileError with the byte where the file ends within a record, or a label is out of range.
 */
export function readCifar(bytes: Uint8Array, classes: 10 | 100, options: CifarOptions = {}): CifarRecords {
  checkBytes('readCifar', bytes);
  if (classes === undefined) throw new Error('readCifar: classes must be 10 or 100, got undefined');
  checkChoice('readCifar', 'classes', classes, [10, 100]);
  checkOptions('readCifar', options, 'where');
  const { where = 'cifar' } = options;
  const ranges = LABELS[classes];
  const size = ranges.length + PIXELS;
  const rows = Math.floor(bytes.length / size);
  if (rows * size !== bytes.length || rows === 0)
    throw new FileError(
      { where, offset: rows * size },
      `ends within a record: ${bytes.length} bytes are no multiple of ${size}`,
    );
  const pixels = new Uint8Array(rows * PIXELS);
  const labels = ranges.map(() => new Uint16Array(rows));
  for (let row = 0; row < rows; row++) {
    const start = row * size;
    for (const [i, range] of ranges.entries()) {
      const label = bytes[start + i]!;
      if (label >= range)
        throw new FileError(
          { where, offset: start + i },
          `label ${label} of record ${row}; wants 0 to ${range - 1}`,
        );
      labels[i]![row] = label;
    }
    pixels.set(bytes.subarray(start + ranges.length, start + size), row * PIXELS);
  }
  return { rows, pixels, labels: labels.at(-1)!, ...(classes === 100 ? { coarse: labels[0]! } : {}) };
}

/**
 * CIFAR-10 as published: data_batch_1.bin, …, as many as are there, test_batch.bin, and batches.meta.txt with names of classes. In the
 * folder itself, or in cifar-10-batches-bin within.
 *
 * @throws DatasetError where a file is missing, FileError where one cannot be read.
 */
export async function readCifar10(folder: Folder): Promise<ClassifiedParts> {
  checkFolder('readCifar10', folder);
  const { names, base } = await filesIn(folder, 'cifar-10-batches-bin');
  const batches = names
    .filter((name) => /^data_batch_\d+\.bin$/.test(name))
    .sort((a, b) => numberOf(a) - numberOf(b));
  if (batches.length === 0) throw new DatasetError(`${base}data_batch_1.bin`, 'is missing');
  const classes = await classesOf(folder, names, base, { file: 'batches.meta.txt', count: 10 });
  const part = async (files: readonly string[]) => {
    const records: CifarRecords[] = [];
    for (const file of files)
      records.push(readCifar(await folder.read(base + file), 10, { where: base + file }));
    return imagesOf(records, classes, ({ labels }) => labels);
  };
  const test = names.includes('test_batch.bin') ? { test: await part(['test_batch.bin']) } : {};
  return { train: await part(batches), ...test };
}

export interface Cifar100Options {
  /** Which of the two classes of an image: one of a hundred, or of twenty; 'fine' unless given. */
  readonly labels?: 'fine' | 'coarse';
}

/**
 * CIFAR-100 as published: train.bin, test.bin, and fine_label_names.txt or coarse_label_names.txt. In the folder itself, or in
 * cifar-100-binary within.
 *
 * @throws DatasetError where a file is missing, FileError where one cannot be read.
 */
export async function readCifar100(folder: Folder, options: Cifar100Options = {}): Promise<ClassifiedParts> {
  checkFolder('readCifar100', folder);
  checkOptions('readCifar100', options, 'labels');
  const { labels: which = 'fine' } = options;
  checkChoice('readCifar100', 'labels', which, ['fine', 'coarse']);
  const { names, base } = await filesIn(folder, 'cifar-100-binary');
  if (!names.includes('train.bin')) throw new DatasetError(`${base}train.bin`, 'is missing');
  const file = `${which}_label_names.txt`;
  const classes = await classesOf(folder, names, base, { file, count: which === 'fine' ? 100 : 20 });
  const part = async (name: string) => {
    const records = readCifar(await folder.read(base + name), 100, { where: base + name });
    return imagesOf([records], classes, ({ labels, coarse }) => (which === 'fine' ? labels : coarse!));
  };
  const test = names.includes('test.bin') ? { test: await part('test.bin') } : {};
  return { train: await part('train.bin'), ...test };
}

const numberOf = (name: string) => Number(/\d+/.exec(name)![0]);

/** The archive unpacks into a folder of its own. */
async function filesIn(folder: Folder, inner: string): Promise<{ names: string[]; base: string }> {
  const names = await folder.list('');
  if (!names.includes(inner)) return { names, base: '' };
  return { names: await folder.list(inner), base: `${inner}/` };
}

/** Names by number where the file of names is not there. */
async function classesOf(
  folder: Folder,
  names: readonly string[],
  base: string,
  { file, count }: { file: string; count: number },
): Promise<string[]> {
  if (!names.includes(file)) return Array.from({ length: count }, (_, i) => String(i));
  const lines = new TextDecoder().decode(await folder.read(base + file)).split(/\r?\n/);
  const classes = lines.map((line) => line.trim()).filter((line) => line !== '');
  if (classes.length !== count)
    throw new DatasetError(base + file, `names ${classes.length} classes; wants ${count}, a line each`);
  return classes;
}

function imagesOf(
  parts: readonly CifarRecords[],
  classes: readonly string[],
  labelsOf: (records: CifarRecords) => Uint16Array,
): ClassifiedImages {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const images = {
    ...{ rows, channels: 3, height: SIDE, width: SIDE, classes },
    pixels: new Uint8Array(rows * PIXELS),
    labels: new Uint16Array(rows),
  };
  let at = 0;
  for (const part of parts) {
    images.pixels.set(part.pixels, at * PIXELS);
    images.labels.set(labelsOf(part), at);
    at += part.rows;
  }
  return images;
}
