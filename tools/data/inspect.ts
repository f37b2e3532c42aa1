/** What a file or a folder holds, on a few lines, and a line for each thing that is wrong with it. */
import { stat } from 'node:fs/promises';
import { DatasetError } from '../../datasets/dataset-error.ts';
import { FileError } from '../../datasets/file-error.ts';
import { visible } from '../../base/visible.ts';
import { openFolder } from '../../study/read/node-folder.ts';
import { readBytes } from '../../study/read/read-bytes.ts';
import { reasonOf, UserError } from '../../base/errors.ts';
import { formatCount } from '../../base/format.ts';
import { createProgressLine } from '../../cli/progress-line.ts';
import type { InspectOptions, Inspection } from './inspection.ts';

/** How many problems there are. */
export async function inspect(path: string, { progress, ...options }: InspectOptions): Promise<number> {
  let problems = 0;
  const line = createProgressLine(progress);
  const write = (text: string) => {
    line.close();
    options.out.write(`${visible(text)}\n`);
  };
  const inspection: Inspection = {
    ...options,
    path,
    line,
    say: write,
    complain(problem) {
      problems++;
      write(`  wrong: ${problem.replaceAll(/\s*\n\s*/g, '; ')}`);
    },
  };
  try {
    const found = await stat(path).catch((cause: unknown) => {
      throw new UserError(`cannot read ${path}: ${reasonOf(cause)}`, { cause });
    });
    // Loaded when it is known which is wanted.
    if (found.isDirectory()) {
      const { describeFolder } = await import('./inspect-folder.ts');
      await describeFolder(openFolder(path), inspection);
    } else {
      const bytes = await readBytes(path, { signal: options.signal });
      const { describeFile } = await import('./inspect-file.ts');
      await describeFile(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), inspection);
    }
  } catch (error) {
    const isOfData =
      error instanceof FileError || error instanceof DatasetError || error instanceof UserError;
    if (!isOfData || (error instanceof UserError && /^cannot read/.test(error.message))) throw error;
    inspection.complain(error.message);
  } finally {
    line.close();
  }
  write(problems === 0 ? 'nothing is wrong' : `${formatCount(problems)} wrong`);
  return problems;
}
