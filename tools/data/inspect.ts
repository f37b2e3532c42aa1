/** What a file or a folder holds, on a few lines, and a line for each thing that is wrong with it. */
import { readFile, stat } from 'node:fs/promises';
import { DatasetError } from '../../datasets/dataset-error.ts';
import { FileError } from '../../datasets/file-error.ts';
import { openFolder } from '../../study/read/node-folder.ts';
import { reasonOf, UserError } from '../../base/errors.ts';
import { formatCount } from '../../base/format.ts';
import { createProgressLine } from '../../cli/progress-line.ts';
import { describeFile } from './inspect-file.ts';
import { describeFolder } from './inspect-folder.ts';
import type { InspectOptions, Inspection } from './inspection.ts';

/** What readers of at most this many bytes take into memory at once. */
const MOST_BYTES = 2 ** 31 - 1;

/** How many problems there are. */
export async function inspect(path: string, { progress, ...options }: InspectOptions): Promise<number> {
  let problems = 0;
  const line = createProgressLine(progress);
  const write = (text: string) => {
    line.close();
    options.out.write(`${text}\n`);
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
    if (found.isDirectory()) await describeFolder(openFolder(path), inspection);
    else if (found.size > MOST_BYTES)
      inspection.complain(
        `${path} has ${formatCount(found.size)} bytes; at most ${formatCount(MOST_BYTES)} are read`,
      );
    else await describeFile(new Uint8Array(await readFile(path)), inspection);
  } catch (error) {
    if (!(error instanceof FileError || error instanceof DatasetError)) throw error;
    inspection.complain(error.message);
  } finally {
    line.close();
  }
  write(problems === 0 ? 'nothing is wrong' : `${formatCount(problems)} wrong`);
  return problems;
}
