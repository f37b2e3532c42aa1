/** The data set of one seed, as the configuration wants it: made here, or dealt from what was read. */
import type { Dataset, RandomSource, Table } from '../../datasets/dataset.ts';
import { classDataset } from '../../datasets/classes/class-dataset.ts';
import type { ClassifiedParts } from '../../datasets/classes/classified-images.ts';
import { pictureDataset } from '../../datasets/images/picture-dataset.ts';
import type { Pictures } from '../../datasets/images/pictures.ts';
import { leaveOneOut, type Split, subjectFolds } from '../../datasets/splits.ts';
import type { RowSplit, UniformSource } from '../../datasets/row-splits.ts';
import { withClasses } from '../../datasets/class-column.ts';
import { chooseColumns, tableDataset } from '../../datasets/table-dataset.ts';
import type { Backend } from '../../engine/backend.ts';
import { normal, uniformValues } from '../../engine/random.ts';
import { explained } from '../../base/errors.ts';
import { valuesFor } from '../../base/option.ts';
import type { StudyConfig } from '../results.ts';
import { dataKindOf, isOfClasses } from './kinds/all.ts';

/** What data sets are dealt from where they are read. */
export interface DataInput {
  /** For data 'table', and only for it. */
  table?: Table | undefined;
  /** Of a table: seed s takes split s mod n; none deals the rows at random. */
  splits?: readonly RowSplit[] | undefined;
  /** Of a table: what is predicted where the configuration does not say; the last column if empty. */
  targets?: readonly string[] | undefined;
  /** For images with classes that are read. */
  classified?: ClassifiedParts | undefined;
  /** For images of persons that are read. */
  pictures?: Pictures | undefined;
}

export async function seedDataset(
  config: StudyConfig,
  seed: number,
  backend: Backend,
  { table, splits = [], pictures, classified }: DataInput,
): Promise<Dataset> {
  const random = randomSource(seed, backend);
  if (table) return tableOf(config, table, { random, split: splits[seed % splits.length] });
  if (pictures) return picturesOf(config, pictures, random, seed);
  if (classified) {
    const { trainRows, testRows, testShare, noise, file: name } = config;
    return classDataset(classified, { random, trainRows, testRows, testShare, noise, name });
  }
  const { options, dataset } = dataKindOf(config);
  return dataset!(valuesFor<object>(options, { ...config }), { seed, random });
}

/**
 * The table with its target as classes, if it was not read so.
 *
 * @throws UserError for several targets, and for a target that is no class.
 */
export function classTable({ target, file }: StudyConfig, table: Table): Table {
  return explained(file || 'the table', () => {
    const { targets } = chooseColumns(table, { target });
    const [column = '', another] = targets;
    if (another !== undefined)
      throw new Error(
        `--target: the task classification predicts one column, and ${targets.join(' and ')} are named`,
      );
    return table.classes?.column === column ? table : withClasses(table, column);
  });
}

export function tableOf(
  config: StudyConfig,
  table: Table,
  given: { random: UniformSource; split: RowSplit | undefined },
): Dataset {
  const { target, teacherColumn: teacher, testShare, noise: outlierShare, outlierSize, file: name } = config;
  const known = isOfClasses(config) ? classTable(config, table) : table;
  const missing = config.missing === 'refuse' ? undefined : config.missing;
  const columns = { target, teacher };
  // What a seed's own split has to say: a constant target, or one group for both parts.
  return explained(name || 'the table', () =>
    tableDataset(known, { ...given, ...columns, testShare, missing, outlierShare, outlierSize, name }),
  );
}

function picturesOf(config: StudyConfig, pictures: Pictures, random: RandomSource, seed: number): Dataset {
  const { trainRows, testRows, labelError, noise, file } = config;
  const splits = personSplits(config, pictures);
  const split = splits[seed % splits.length]!;
  const errors = { annotationError: labelError, outlierShare: noise };
  return pictureDataset(pictures, { random, split, trainRows, testRows, name: file, ...errors });
}

/** Seed s takes split s mod n: persons are in one part alone. */
export function personSplits({ folds }: Pick<StudyConfig, 'folds'>, { person }: Pictures): Split[] {
  return folds === 0 ? leaveOneOut(person) : subjectFolds(person, { folds });
}

/** Uniform numbers of a seed's data. */
export function hostRandom(seed: number): UniformSource {
  return { uniform: (count, call) => uniformValues(count, { seed, stream: 'data', call }) };
}

/** Uniform numbers on the host, normal ones by the kernel: so every host draws the same. */
function randomSource(seed: number, backend: Backend): RandomSource {
  return {
    ...hostRandom(seed),
    async normal(count, call) {
      backend.step.reset(); // the step's number is part of the random counter
      const values = normal([count], backend, { seed, stream: 'noise', call });
      const data = await values.data();
      values.dispose();
      return data;
    },
  };
}
