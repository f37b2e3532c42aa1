/** A folder of files in memory, for readers of data sets. */
import { DatasetError } from '../datasets/dataset-error.ts';
import type { Folder } from '../datasets/folder.ts';

export function memoryFolder(files: Readonly<Record<string, Uint8Array | string>>): Folder {
  return {
    async list(path) {
      const prefix = path === '' ? '' : `${path}/`;
      const below = Object.keys(files).filter((file) => file.startsWith(prefix));
      if (below.length === 0) throw new DatasetError(path, 'cannot be read: no such file or directory');
      return [...new Set(below.map((file) => file.slice(prefix.length).split('/')[0]!))].sort();
    },
    async read(path) {
      const file = files[path];
      if (file === undefined) throw new DatasetError(path, 'cannot be read: no such file or directory');
      return typeof file === 'string' ? new TextEncoder().encode(file) : file;
    },
  };
}
