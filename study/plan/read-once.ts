/** Data that many runs read: those of the last run stay in memory. */
import type { ParsedOptions } from '../options/options.ts';
import { type ReadData, readData } from '../read/read-data.ts';
import type { ReadingHooks } from '../read/read-pictures.ts';
import { teacherOrigin } from '../teachers/teacher-origin.ts';

export type ReadOnce = (options: ParsedOptions) => Promise<ReadData | undefined>;

export function readOnce(hooks: ReadingHooks): ReadOnce {
  let last: { key: string; read: ReadData | undefined } | undefined;
  return async (options) => {
    const key = readKey(options);
    if (last?.key !== key) {
      last = undefined; // so that two large data sets are never there at once
      last = { key, read: await readData(options.config, options, hooks) };
    }
    return last.read;
  };
}

/** The same for runs that read the same data the same way. */
export function readKey({ config, table, pictures }: ParsedOptions): string {
  const { data, file, size, target, teacher, aggregation } = config;
  const teacherFile = teacherOrigin(config) === 'file' ? teacher : '';
  return JSON.stringify([data, file, size, target, teacherFile, aggregation, table, pictures]);
}
