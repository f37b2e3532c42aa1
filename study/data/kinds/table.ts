/** A table of a file: CSV, Parquet, or the layout of the UCI benchmark. */
import { choice, number, type Option, text } from '../../../base/option.ts';
import { epochs } from '../../student-options.ts';
import { teacherColumn, teacherEpochs } from '../../teachers/teacher-options.ts';
import { writingOptions } from '../../read/table-writing.ts';
import { type DataKindOf, overrule } from './data-kind.ts';
import { noise, outlierSize } from './samples.ts';

const target: Option<string[]> = {
  name: 'target',
  kind: 'columns',
  group: 'data',
  default: [],
  help: 'columns to predict, by name or number in the file (0, or -1 for the last); a name with a comma in double quotes [the last]',
  form: { section: 'Data', label: 'Columns to predict' },
};

const columns: Option<string[] | undefined> = {
  name: 'columns',
  kind: 'columns',
  group: 'data',
  help: 'columns to read; those of --target too if they are not among them [all]',
};

const exclude: Option<string[] | undefined> = {
  name: 'exclude',
  kind: 'columns',
  group: 'data',
  help: 'columns that are not read, such as an index',
};

const split: Option<string[] | undefined> = {
  name: 'split',
  kind: 'columns',
  group: 'data',
  help: 'files TRAIN,TEST with numbers of rows, or more pairs: seed s takes pair s mod n',
};

const group: Option<string | undefined> = text({
  name: 'group',
  group: 'data',
  help: 'column whose rows of one value are held out together, or not at all',
});

export const tableReading = {
  columns,
  exclude,
  ...writingOptions,
  group,
  split,
};

export const tableOptions = {
  /** The columns to predict; none means the last one. Of images: the angles. */
  target,
  /** Share of rows that are held out. Each seed has a split of its own. */
  testShare: number({
    name: 'test-share',
    group: 'data',
    min: 0.001,
    max: 0.9,
    default: 0.2,
    help: 'share of its rows that are held out, for each seed others',
    when: {
      words: 'rows that are split here',
      reason: `--${split.name} says which rows are held out`,
      holds: (_, given) => !given.has(split.name),
    },
    form: {
      section: 'Data',
      label: 'Share held out',
      hint: 'rows that errors are measured on; other ones for each seed',
    },
  }),
  /** What is done about missing numbers; see `tableDataset`. */
  missing: choice({
    name: 'missing',
    group: 'data',
    choices: ['refuse', 'drop', 'mean', 'median'],
    default: 'refuse',
    help: 'rows with missing numbers: an error, left out, or by what they are filled [refuse]',
  }),
  /** The columns that hold a teacher's predictions, one a target; left out where there are none. */
  teacherColumn,
  noise,
  outlierSize,
};

/** Its labels are as noisy as they are, and often there are many. */
export const table: DataKindOf<'table'> = {
  name: 'table',
  words: 'FILE.csv',
  reads: 'table',
  isOfImages: false,
  tasks: ['regression', 'classification'],
  options: tableOptions,
  reading: tableReading,
  defaults: [overrule(noise, 0), overrule(epochs, 200), overrule(teacherEpochs, 100)],
};
