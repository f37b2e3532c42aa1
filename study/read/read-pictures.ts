/** Folders and files of images as pictures: MPIIGaze, MPIIGaze.h5, Multi-PIE. */
import { createHash } from 'node:crypto';
import { DatasetError } from '../../datasets/dataset-error.ts';
import { collectEyes } from '../../datasets/images/eyes.ts';
import { FileError } from '../../datasets/file-error.ts';
import type { ReadOptions } from '../../datasets/folder.ts';
import { mpiigaze } from '../../datasets/images/mpiigaze.ts';
import { multipie } from '../../datasets/images/multipie.ts';
import { eyePictures, headPictures, type Pictures } from '../../datasets/images/pictures.ts';
import { StoppedError, UserError } from '../../base/errors.ts';
import { formatCount } from '../../base/format.ts';
import { openFolder } from './node-folder.ts';
import { readBytes } from './read-bytes.ts';
import type { StudyConfig } from '../results.ts';
import { widthAndHeight } from '../data/kinds/images.ts';
import { withPackage } from './with-package.ts';

export interface PictureOptions {
  /** Of MPIIGaze. */
  subset: 'evaluation' | 'all';
  skipBad: boolean;
}

export interface ReadingHooks {
  signal: AbortSignal;
  /** How far reading is. */
  onProgress(share: number, text: () => string): void;
  /** A file that was passed over. */
  onSkip(message: string): void;
}

export interface PictureFiles {
  readonly pictures: Pictures;
  /** One line for people. */
  readonly description: string;
  /** For config.json: enough to tell whether they are the same pictures. */
  readonly record: Readonly<Record<string, unknown>>;
}

/** @throws UserError with the file's name where something is wrong with the data, or with code 130 when stopped. */
export async function readPictures(
  config: StudyConfig,
  { subset, skipBad }: PictureOptions,
  { signal, onProgress, onSkip }: ReadingHooks,
): Promise<PictureFiles> {
  let skipped = 0;
  const options: ReadOptions = {
    skipBad: true,
    signal,
    onSkip(error) {
      if (!skipBad)
        throw new UserError(`${placed(error)} (--skip-bad goes on without such files)`, { cause: error });
      skipped++;
      onSkip(`skipped: ${placed(error)}`);
    },
    onProgress: ({ done, total }) => onProgress(done / total, () => `reading ${done} of ${total} files`),
  };
  // Paths in messages begin in the folder, unless they say where that is.
  const placed = ({ message }: Error) =>
    message.startsWith(config.file) ? message : `${config.file}: ${message}`;
  let pictures: Pictures;
  try {
    pictures = await read(config, subset, options);
  } catch (error) {
    if (signal.aborted)
      throw new StoppedError('stopped while reading; nothing was trained', signal, { cause: error });
    if (error instanceof FileError || error instanceof DatasetError) {
      throw new UserError(placed(error), { cause: error });
    }
    throw error;
  }
  const { rows, people, width, height, targets } = pictures;
  const without =
    skipped > 0 ? `; ${skipped} damaged ${skipped === 1 ? 'file was' : 'files were'} skipped` : '';
  return {
    pictures,
    description:
      `${config.file}: ${formatCount(rows)} pictures of ${people.length} persons, ` +
      `${width}×${height}, to predict ${targets.join(' and ')}${without}`,
    record: { sha256: hashOf(pictures), rows, people: people.length, width, height, subset, skipped },
  };
}

async function read(
  { data, file, size }: StudyConfig,
  subset: PictureOptions['subset'],
  options: ReadOptions,
): Promise<Pictures> {
  const given = size === '' ? {} : { size: widthAndHeight(size) };
  if (data === 'mpiigaze') {
    const eyes = await collectEyes(mpiigaze(openFolder(file), { ...options, subset }));
    return eyePictures(eyes, given.size);
  }
  if (data === 'multipie') {
    const { decodeGreyPng: decode } = await withPackage('fast-png', () => import('../../datasets/png.ts'));
    return headPictures(multipie(openFolder(file), { ...options, ...given, decode }));
  }
  const { mpiigazeH5, openH5 } = await withPackage('h5wasm', () => import('../../datasets/h5.ts'));
  const h5 = await openH5(await readBytes(file, { signal: options.signal }), { where: file });
  try {
    return eyePictures(await collectEyes(mpiigazeH5(h5, options)), given.size);
  } finally {
    h5.close();
  }
}

function hashOf({ pixels, angles, person, extras }: Pictures): string {
  const hash = createHash('sha256').update(pixels).update(bytesIn(angles)).update(bytesIn(person));
  return (extras ? hash.update(bytesIn(extras)) : hash).digest('hex');
}

function bytesIn({ buffer, byteOffset, byteLength }: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
