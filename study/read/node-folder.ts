/** A folder of this machine for the readers of data sets: `limbeck/node`. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatasetError } from '../../datasets/dataset-error.ts';
import type { Folder } from '../../datasets/folder.ts';
import { checkText } from '../../base/borders.ts';
import { reasonOf } from '../../base/errors.ts';

export function openFolder(root: string): Folder {
  checkText('openFolder', 'the path', root);
  const attempt = async <T>(path: string, f: (full: string) => Promise<T>): Promise<T> => {
    checkText('openFolder', 'a path inside', path);
    const full = join(root, path);
    try {
      return await f(full);
    } catch (cause) {
      throw new DatasetError(full, `cannot be read: ${reasonOf(cause)}`, { cause });
    }
  };
  return {
    list: (path) => attempt(path, async (full) => (await readdir(full)).sort()),
    read: (path) => attempt(path, (full) => readFile(full)),
  };
}
