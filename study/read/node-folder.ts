/** A folder of this machine for the readers of data sets: `limbeck/node`. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatasetError } from '../../datasets/dataset-error.ts';
import type { Folder } from '../../datasets/folder.ts';
import { checkText } from '../../base/borders.ts';
import { reasonOf, UserError } from '../../base/errors.ts';
import { readBytes } from './read-bytes.ts';

export function openFolder(root: string): Folder {
  checkText('openFolder', 'the path', root);
  const attempt = async <T>(path: string, f: (full: string) => Promise<T>): Promise<T> => {
    checkText('openFolder', 'a path inside', path);
    const full = join(root, path);
    try {
      return await f(full);
    } catch (cause) {
      // What is no file says so itself.
      const reason = cause instanceof UserError && !cause.cause ? cause.message : undefined;
      if (reason !== undefined) throw new DatasetError(full, reason.replace(`${full} `, ''), { cause });
      throw new DatasetError(
        full,
        `cannot be read: ${reasonOf(cause instanceof UserError ? cause.cause : cause)}`,
        { cause },
      );
    }
  };
  return {
    list: (path) => attempt(path, async (full) => (await readdir(full)).sort()),
    read: (path) => attempt(path, (full) => readBytes(full)),
  };
}
