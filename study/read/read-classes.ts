/** Images with classes: folders of IDX files, of CIFAR, of images by class, and tables of pixels. */
import { createHash } from 'node:crypto';
import { readCifar10, readCifar100 } from '../../datasets/classes/cifar.ts';
import type { ClassifiedImages, ClassifiedParts } from '../../datasets/classes/classified-images.ts';
import { readIdxFolder } from '../../datasets/classes/idx-folder.ts';
import { readImageFolder } from '../../datasets/classes/image-folder.ts';
import { tableImages } from '../../datasets/classes/table-images.ts';
import { DatasetError } from '../../datasets/dataset-error.ts';
import { FileError } from '../../datasets/file-error.ts';
import { StoppedError, UserError } from '../../base/errors.ts';
import { formatCount } from '../../base/format.ts';
import { widthAndHeight } from '../data/kinds/images.ts';
import type { StudyConfig } from '../results.ts';
import { openFolder } from './node-folder.ts';
import type { ReadingHooks } from './read-pictures.ts';
import { readTable, type TableOptions } from './read-table.ts';
import { withPackage } from './with-package.ts';

export interface ClassReading {
  /** Of CIFAR-100. */
  readonly cifarLabels: 'fine' | 'coarse';
  readonly skipBad: boolean;
  /** How a table of pixels is written. */
  readonly table: TableOptions;
}

export interface ClassFiles {
  readonly classified: ClassifiedParts;
  /** One line for people. */
  readonly description: string;
  /** For config.json: enough to tell whether they are the same images. */
  readonly record: Readonly<Record<string, unknown>>;
}

/** @throws UserError with the file's name where something is wrong with the data, or with code 130 when stopped. */
export async function readClasses(
  config: StudyConfig,
  how: ClassReading,
  hooks: ReadingHooks,
): Promise<ClassFiles> {
  const { file } = config;
  let classified: ClassifiedParts;
  try {
    classified = await read(config, how, hooks);
  } catch (error) {
    if (hooks.signal.aborted)
      throw new StoppedError('stopped while reading; nothing was trained', hooks.signal, { cause: error });
    if (!(error instanceof FileError || error instanceof DatasetError)) throw error;
    const { message } = error;
    throw new UserError(message.startsWith(file) ? message : `${file}: ${message}`, { cause: error });
  }
  const { train, valid, test } = classified;
  const { channels, height, width, classes } = train;
  const colour = channels === 1 ? 'grey' : 'in colours';
  const parts = [
    `${formatCount(train.rows)} images of ${classes.length} classes, ${width}×${height}, ${colour}`,
    ...(test ? [`${formatCount(test.rows)} to test with`] : []),
    ...(valid ? [`the ${formatCount(valid.rows)} of valid/ are not used`] : []),
  ];
  const { rows } = train;
  const testRows = test ? { testRows: test.rows } : {};
  return {
    classified,
    description: `${file}: ${parts.join('; ')}`,
    record: { sha256: hashOf(classified), rows, ...testRows, classes, channels, width, height },
  };
}

async function read(
  { data, file, size, images }: StudyConfig,
  { cifarLabels: labels, skipBad, table: how }: ClassReading,
  { signal, onProgress, onSkip }: ReadingHooks,
): Promise<ClassifiedParts> {
  switch (data) {
    case 'idx':
      return readIdxFolder(openFolder(file));
    case 'cifar10':
      return readCifar10(openFolder(file));
    case 'cifar100':
      return readCifar100(openFolder(file), { labels });
    case 'digits': {
      const { table } = await readTable(file, how, signal);
      return { train: tableImages(table, file, images === '' ? undefined : widthAndHeight(images)) };
    }
    default: {
      const png = await withPackage('fast-png', () => import('../../datasets/png.ts'));
      return readImageFolder(openFolder(file), {
        decode: png.decodeRgbPng,
        ...(size === '' ? {} : { size: widthAndHeight(size) }),
        ...{ signal, skipBad, onSkip: ({ message }) => onSkip(`skipped: ${message}`) },
        onProgress: ({ done, total }) => onProgress(done / total, () => `reading ${done} of ${total} files`),
      });
    }
  }
}

function hashOf({ train, test }: ClassifiedParts): string {
  const hash = createHash('sha256');
  const add = ({ pixels, labels }: ClassifiedImages) =>
    hash.update(pixels).update(new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength));
  for (const part of [train, ...(test ? [test] : [])]) add(part);
  return hash.digest('hex');
}
