/** Writes generated data sets in the layouts of real ones: `npm run data -- make`. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RandomSource } from '../../datasets/dataset.ts';
import { uniformValues } from '../../engine/random.ts';
import { reasonOf, UserError } from '../../base/errors.ts';
import { createProgressLine, type TextStream } from '../../cli/progress-line.ts';

/** A file of a data set, and which share of the files is done once it is written. */
export interface MadeFile {
  readonly path: string;
  readonly bytes: Uint8Array | string;
  readonly share: number;
}

export interface MakeOptions {
  readonly signal: AbortSignal;
  readonly progress: TextStream;
}

/** All randomness of a made data set: uniform numbers, the same in every host. */
export function randomOf(seed: number): RandomSource {
  return {
    uniform: (count, call) => uniformValues(count, { seed, stream: 'synthetic', call }),
    normal: () => Promise.reject(new Error('rendered pictures draw uniform numbers only')),
  };
}

/**
 * Writes the files into `folder`, which must be empty or not there yet, and returns their number. Stopped half-way it
 * leaves what is written, whole files, and says so.
 */
export async function writeDataset(
  folder: string,
  files: AsyncIterable<MadeFile>,
  { signal, progress }: MakeOptions,
): Promise<number> {
  await wantEmpty(folder);
  const line = createProgressLine(progress);
  let count = 0;
  try {
    for await (const { path, bytes, share } of files) {
      // So that Ctrl-C gets its turn: rendering alone never waits for anything.
      await new Promise((resolve) => setImmediate(resolve));
      if (signal.aborted)
        throw new UserError(`stopped; ${folder} holds the ${count} files that were finished, remove it`);
      const full = join(folder, path);
      await mkdir(dirname(full), { recursive: true });
      await writeFile(full, bytes, { flag: 'wx' });
      count++;
      line.update(share, () => `${Math.round(100 * share)} % ${path}`);
    }
  } finally {
    line.close();
  }
  return count;
}

async function wantEmpty(folder: string): Promise<void> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw new UserError(`cannot write to ${folder}: ${reasonOf(cause)}`, { cause });
  }
  if (names.length > 0)
    throw new UserError(`${folder} is not empty (${names[0]}); name a new folder, nothing is overwritten`);
}
