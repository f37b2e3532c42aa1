/** A study's configuration and the data that were read for it: do they fit, and how many rows has each part? */
import type { Table } from '../../datasets/dataset.ts';
import { partSizes } from '../../datasets/classes/class-dataset.ts';
import type { ClassifiedParts } from '../../datasets/classes/classified-images.ts';
import type { Pictures } from '../../datasets/images/pictures.ts';
import { checkFraction, type RowSplit, splitRows } from '../../datasets/row-splits.ts';
import { chooseColumns, type LeftOut, leftOutRows, usableRows } from '../../datasets/table-dataset.ts';
import { columnNames } from '../data/column-names.ts';
import { checkSeeds } from '../data/check-seeds.ts';
import { explained, UserError } from '../../base/errors.ts';
import { dataKindOf, isOfClasses } from '../data/kinds/all.ts';
import type { StudyConfig } from '../results.ts';
import { fittingTeacher } from '../teachers/saved-teacher.ts';
import { classTable, personSplits } from '../data/seed-dataset.ts';
import type { StudyInput } from '../study-input.ts';

/** As for the sinusoid: below this no student is worth a comparison. */
const FEWEST_ROWS = 10;

/** Images are trained a seed at a time, and their errors are angles. */
export function isOfImages(config: Pick<StudyConfig, 'data'>): boolean {
  return dataKindOf(config).isOfImages;
}

/**
 * The configuration with `target`, `trainRows` and `testRows` as the data make them, those of data made here as they are,
 * and with `teacherMode` as a teacher that was read makes it.
 *
 * @throws UserError if a table lacks a target or has too few rows, or persons are too few to split, or if what was read
 * is not what the configuration is about, or a teacher that was read is for other columns.
 */
export function configFor(config: StudyConfig, input: StudyInput): StudyConfig {
  const fitting = configForData(config, input);
  const names = () => columnNames(fitting, input);
  const classes = () =>
    isOfClasses(fitting) && input.table ? classTable(fitting, input.table).classes!.names : undefined;
  return { ...fitting, ...fittingTeacher(fitting, input.teacher, names, classes) };
}

const inputWords = {
  table: 'table',
  pictures: 'set of pictures',
  classified: 'set of images with classes',
} as const;

function configForData(config: StudyConfig, input: StudyInput): StudyConfig {
  const { data } = config;
  const { reads: need, columns, range } = dataKindOf(config);
  for (const [name, words] of Object.entries(inputWords) as [keyof typeof inputWords, string][]) {
    if (name === need && !input[name])
      throw new UserError(`data '${data}' wants a ${words}, and none was given`);
    if (name !== need && input[name])
      throw new UserError(`data '${data}' makes its own samples, but a ${words} was given`);
  }
  if (input.table) return tableConfig(config, input.table, input);
  if (input.pictures) return pictureConfig(config, input.pictures);
  if (input.classified) return classConfig(config, input.classified);
  // A curve's only target needs no name.
  return columns && !range ? { ...config, target: [...columns.targets] } : config;
}

/** Rows are those of the largest split; whole groups and missing labels may leave a seed fewer. */
function tableConfig(
  config: StudyConfig,
  table: Table,
  { splits = [], targets: own = [] }: StudyInput,
): StudyConfig {
  const where = config.file || 'the table';
  const attempt = <T>(work: () => T): T => explained(where, work);
  const { target, teacherColumn: teacher, missing, testShare, trainFraction } = config;
  const rule = missing === 'refuse' ? undefined : missing;
  const choice = attempt(() => chooseColumns(table, { target: target.length > 0 ? target : own, teacher }));
  const usable = attempt(() => usableRows(table, choice, rule).length);
  const most = (part: keyof RowSplit) => Math.max(...splits.map((split) => split[part].length));
  const rows =
    splits.length > 0
      ? { trainRows: most('train'), testRows: most('test') }
      : attempt(() => splitRows(usable, testShare));
  if (rows.trainRows < FEWEST_ROWS)
    throw new UserError(
      `${where}: ${rows.trainRows} of its ${table.rows} rows are left to train on; a study needs ${FEWEST_ROWS}: ` +
        'more rows, or a smaller share held out',
    );
  if (trainFraction > 0) attempt(() => checkFraction(rows.trainRows, trainFraction));
  const taught = teacher ? { teacherColumn: [...choice.teacher] } : {};
  const whole = { ...config, ...rows, ...taught, target: [...choice.targets] };
  if (isOfClasses(config)) {
    if (teacher)
      throw new UserError(
        '--teacher-column: a teacher of classes puts out a number for each of them, and the table has one column a target; wants --teacher FILE.safetensors, or a teacher that is trained',
      );
    classTable(whole, table);
  }
  checkSeeds(whole, table, splits);
  return whole;
}

/** Rows of the table that a study leaves out; of a configuration that fits it. */
export function leftOutOf(
  { target, teacherColumn: teacher, missing }: StudyConfig,
  { table }: StudyInput,
): LeftOut | undefined {
  if (!table || missing === 'refuse') return undefined;
  return leftOutRows(table, chooseColumns(table, { target, teacher }), missing);
}

/**
 * Whether all seeds have as many rows, so that their networks can be trained side by side: images are trained a seed at a
 * time, and groups and missing numbers make parts of different sizes.
 */
export function canBeSideBySide(config: StudyConfig, { table, splits = [] }: StudyInput): boolean {
  if (isOfImages(config) || table?.groups) return false;
  const [first] = splits;
  return (
    !first ||
    (config.missing === 'refuse' &&
      splits.every(
        ({ train, test }) => train.length === first.train.length && test.length === first.test.length,
      ))
  );
}

/** A part has the rows asked for, or as many as there are. */
function classConfig(config: StudyConfig, classified: ClassifiedParts): StudyConfig {
  const { train: trainRows, test: testRows } = partSizes(classified, config.testShare);
  const { width, height } = classified.train;
  if (trainRows < FEWEST_ROWS)
    throw new UserError(
      `${config.file || 'the images'}: ${trainRows} images to train on; a study needs ${FEWEST_ROWS}`,
    );
  return {
    ...config,
    trainRows: Math.min(config.trainRows, trainRows),
    testRows: Math.min(config.testRows, testRows),
    target: ['class'],
    size: `${width}x${height}`,
  };
}

/** A part has the rows asked for, or as many as the largest split has. */
function pictureConfig(config: StudyConfig, pictures: Pictures): StudyConfig {
  const { people, targets } = pictures;
  const where = config.file || 'the pictures';
  if (config.folds === 1)
    throw new UserError('--folds must be 0, which leaves one person out at a time, or at least 2; not 1');
  const wanted = Math.max(2, config.folds);
  if (people.length < wanted) {
    const cure = config.folds > 2 ? `, or at most --folds ${people.length}` : '';
    throw new UserError(
      `${where}: pictures of ${people.length} ${people.length === 1 ? 'person' : 'persons'}; a split by person wants ${wanted}${cure}`,
    );
  }
  const splits = personSplits(config, pictures);
  const most = (part: 'train' | 'test') => Math.max(...splits.map((split) => split[part].length));
  const trainRows = Math.min(config.trainRows, most('train'));
  if (trainRows < FEWEST_ROWS)
    throw new UserError(`${where}: ${trainRows} pictures to train on; a study needs ${FEWEST_ROWS}`);
  const testRows = Math.min(config.testRows, most('test'));
  return {
    ...config,
    trainRows,
    testRows,
    target: [...targets],
    size: `${pictures.width}x${pictures.height}`,
  };
}
