/** What `distill` reads for a study: a table, pictures, or nothing. */
import { readPictures, type PictureOptions, type ReadingHooks } from './read-pictures.ts';
import { readTable, type TableOptions } from './read-table.ts';
import type { StudyConfig } from './results.ts';
import type { StudyInput } from './seed-dataset.ts';

export interface ReadData {
  readonly input: StudyInput;
  /** One line for people. */
  readonly description: string;
  /** For config.json, by its name there. */
  readonly record: Readonly<Record<string, unknown>>;
}

/** @throws UserError naming the file. */
export async function readData(
  config: StudyConfig,
  { table: how, pictures: which }: { table: TableOptions; pictures: PictureOptions },
  hooks: ReadingHooks,
): Promise<ReadData | undefined> {
  if (config.data === 'sinusoid' || config.data === 'eyes') return undefined;
  if (config.data === 'table') {
    const { table, splits, targets, description, record } = await readTable(config.file, how);
    return { input: { table, splits, targets }, description, record: { table: record } };
  }
  const { pictures, description, record } = await readPictures(config, which, hooks);
  return { input: { pictures }, description, record: { pictures: record } };
}
