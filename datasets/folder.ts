/** Where a data set's files come from. A host provides it: `openFolder` of 'limbeck/node', or a browser's own. */
import { checkFunction, checkOptions, inWords } from '../base/borders.ts';
import { DatasetError } from './dataset-error.ts';
import { FileError } from './file-error.ts';

/** Paths are relative, with '/' between names; '' is the folder itself. */
export interface Folder {
  /** Names in a folder, sorted. Rejects with a DatasetError if there is none. */
  list(path: string): Promise<string[]>;
  /** Rejects with a DatasetError if there is none, or it cannot be read. */
  read(path: string): Promise<Uint8Array>;
}

export interface ReadProgress {
  /** Files that were read or skipped, of how many. */
  readonly done: number;
  readonly total: number;
  /** Files with something wrong, which `skipBad` passed over. */
  readonly skipped: number;
}

export interface ReadOptions {
  /** Goes on after a file with something wrong; if left out it ends the reading. */
  readonly skipBad?: boolean;
  /** Hears what was passed over. */
  readonly onSkip?: (error: FileError | DatasetError) => void;
  readonly onProgress?: (progress: ReadProgress) => void;
  readonly signal?: AbortSignal;
}

export function checkFolder(where: string, folder: Folder): void {
  if (typeof folder?.list !== 'function' || typeof folder.read !== 'function')
    throw new Error(
      `${where}: wants a folder, such as openFolder(path) of 'limbeck/node' gives, got ${inWords(folder)}`,
    );
}

/** Refuses options that a reader of many files does not have; `own` are those besides the ones of all. */
export function checkReadOptions(where: string, options: ReadOptions, own: string, isRequired = false): void {
  checkOptions(where, options, `${own} skipBad onSkip onProgress signal`, isRequired);
  for (const name of ['onSkip', 'onProgress'] as const)
    if (options[name] !== undefined) checkFunction(where, name, options[name]);
}

/** What `read` makes of each file, in order, one at a time; how far it is, and what to do about bad ones, as asked. */
export async function* readEach<T, R>(
  files: readonly T[],
  read: (file: T) => Promise<R>,
  { skipBad = false, onSkip, onProgress, signal }: ReadOptions,
): AsyncGenerator<R> {
  let skipped = 0;
  for (const [i, file] of files.entries()) {
    signal?.throwIfAborted();
    let result: { value: R } | undefined;
    try {
      result = { value: await read(file) };
    } catch (error) {
      if (!skipBad || !(error instanceof FileError || error instanceof DatasetError)) throw error;
      skipped++;
      onSkip?.(error);
    }
    onProgress?.({ done: i + 1, total: files.length, skipped });
    if (result) yield result.value;
  }
}
