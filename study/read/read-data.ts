/** What `distill` reads for a study: a table, pictures, a teacher, or nothing. */
import { readPictures, type PictureOptions, type ReadingHooks } from './read-pictures.ts';
import { type ClassReading, readClasses } from './read-classes.ts';
import { readTable, type TableOptions } from './read-table.ts';
import { dataKindOf } from '../data/kinds/all.ts';
import type { StudyConfig } from '../results.ts';
import type { StudyInput } from '../study-input.ts';
import { teacherOrigin } from '../teachers/teacher-origin.ts';

export interface ReadData {
  readonly input: StudyInput;
  /** For people, a line a file. */
  readonly description: string;
  /** What could be read in two ways, a line each. */
  readonly notes: readonly string[];
  /** For config.json, by its name there. */
  readonly record: Readonly<Record<string, unknown>>;
}

interface ReadingOptions {
  table: TableOptions;
  pictures: PictureOptions & Pick<ClassReading, 'cifarLabels'>;
}

/** @throws UserError naming the file. */
export async function readData(
  config: StudyConfig,
  how: ReadingOptions,
  hooks: ReadingHooks,
): Promise<ReadData | undefined> {
  if (teacherOrigin(config) !== 'file') return readSamples(config, how, hooks);
  // Loaded only where it is needed: it brings the engine with it.
  const { readTeacher } = await import('./read-teacher.ts');
  const { teacher, description, record } = await readTeacher(config.teacher, hooks);
  const samples = await readSamples(config, how, hooks);
  return {
    input: { ...samples?.input, teacher },
    description: samples ? `${samples.description}\n${description}` : description,
    notes: samples?.notes ?? [],
    record: { ...samples?.record, teacherFile: record },
  };
}

async function readSamples(
  config: StudyConfig,
  { table: tableHow, pictures: which }: ReadingOptions,
  hooks: ReadingHooks,
): Promise<ReadData | undefined> {
  const { reads } = dataKindOf(config);
  if (!reads) return undefined;
  if (reads === 'table') {
    const { table, splits, targets, record, ...words } = await readTable(config.file, tableHow, hooks.signal);
    return { input: { table, splits, targets }, ...words, record: { table: record } };
  }
  if (reads === 'classified') {
    const how = { ...which, table: tableHow };
    const { classified, description, record } = await readClasses(config, how, hooks);
    return { input: { classified }, description, notes: [], record: { images: record } };
  }
  const { pictures, description, record } = await readPictures(config, which, hooks);
  return { input: { pictures }, description, notes: [], record: { pictures: record } };
}
