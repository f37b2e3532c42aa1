/** Files that are whole whenever somebody looks, also after a crash or a loss of power. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** What a process that was killed while it wrote leaves beside the file. */
export const leftoverEnd = /\.tmp-\d+$/;

/** A file has its old or its new content, whatever happens: a synced neighbour takes its place. Returns the path. */
export function writeAtomically(path: string, content: string | Uint8Array): string {
  const temporary = `${path}.tmp-${process.pid}`;
  try {
    const file = openSync(temporary, 'w');
    try {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content;
      for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(dirname(path));
  return path;
}

/** So that new names in it outlast a loss of power, where the system can do that. */
export function syncFolder(path: string): void {
  let folder: number;
  try {
    folder = openSync(path, 'r');
  } catch {
    return;
  }
  try {
    fsyncSync(folder);
  } catch {
    // Windows, and some disks of a network: they have no such thing.
  } finally {
    closeSync(folder);
  }
}
