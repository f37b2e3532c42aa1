/** The data set of one seed, as the configuration wants it: made here, or dealt from what was read. */
import type { Dataset, RandomSource, Table } from '../../datasets/dataset.ts';
import { eyesDataset, pictureDataset } from '../../datasets/images/picture-dataset.ts';
import type { Pictures } from '../../datasets/images/pictures.ts';
import { sinusoid } from '../../datasets/sinusoid.ts';
import { leaveOneOut, type Split, subjectFolds } from '../../datasets/splits.ts';
import type { RowSplit, UniformSource } from '../../datasets/row-splits.ts';
import { tableDataset } from '../../datasets/table-dataset.ts';
import type { Backend } from '../../engine/backend.ts';
import { normal, uniformValues } from '../../engine/random.ts';
import { explained } from '../../base/errors.ts';
import type { StudyConfig } from '../results.ts';

/** What data sets are dealt from where they are read. */
export interface DataInput {
  /** For data 'table', and only for it. */
  table?: Table | undefined;
  /** Of a table: seed s takes split s mod n; none deals the rows at random. */
  splits?: readonly RowSplit[] | undefined;
  /** Of a table: what is predicted where the configuration does not say; the last column if empty. */
  targets?: readonly string[] | undefined;
  /** For images that are read. */
  pictures?: Pictures | undefined;
}

export async function seedDataset(
  config: StudyConfig,
  seed: number,
  backend: Backend,
  { table, splits = [], pictures }: DataInput,
): Promise<Dataset> {
  const random = randomSource(seed, backend);
  if (table) return tableOf(config, table, { random, split: splits[seed % splits.length] });
  if (pictures) return picturesOf(config, pictures, random, seed);
  return config.data === 'eyes' ? eyesOf(config, random) : sinusoidOf(config, random);
}

function sinusoidOf(config: StudyConfig, random: RandomSource): Promise<Dataset> {
  return sinusoid(random, {
    frequency: config.frequency,
    trainRows: config.trainRows,
    testRows: config.testRows,
    gaussianNoise: config.gaussianNoise,
    outlierShare: config.noise,
    outlierSize: config.outlierSize,
  });
}

export function tableOf(
  config: StudyConfig,
  table: Table,
  given: { random: UniformSource; split: RowSplit | undefined },
): Dataset {
  const { target, teacherColumn: teacher, testShare, noise: outlierShare, outlierSize, file: name } = config;
  const missing = config.missing === 'refuse' ? undefined : config.missing;
  const columns = { target, teacher };
  // What a seed's own split has to say: a constant target, or one group for both parts.
  return explained(name || 'the table', () =>
    tableDataset(table, { ...given, ...columns, testShare, missing, outlierShare, outlierSize, name }),
  );
}

function eyesOf(config: StudyConfig, random: RandomSource): Dataset {
  const { trainRows, testRows, patches, labelError, noise } = config;
  const errors = { annotationError: labelError, outlierShare: noise };
  return eyesDataset({ random, trainRows, testRows, patches, ...sizeOf(config.size), ...errors });
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

/** '30x18' as width and height in pixels. */
export function sizeOf(text: string): { width: number; height: number } {
  const [width, height] = text.split('x').map(Number);
  return { width: width!, height: height! };
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
