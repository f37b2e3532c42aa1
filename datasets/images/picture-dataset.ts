/** Pictures as a data set: rows of a split, labels perhaps spoilt; and one of eyes that are rendered for it. */
import { RADIANS } from './angles.ts';
import { type Dataset, pickRows, type RandomSource, type Samples } from '../dataset.ts';
import { Draws } from './draws.ts';
import { annotate, LABEL_DRAWS, type LabelErrors } from './label-errors.ts';
import { GAZE_TARGETS, inDegrees, type Pictures } from './pictures.ts';
import { type RenderedEyes, renderedEyes } from './rendered-eyes.ts';
import type { Split } from '../splits.ts';

export interface PictureDatasetOptions extends LabelErrors {
  /** Where the choice of rows and the errors of labels come from. */
  random: RandomSource;
  split: Pick<Split, 'train' | 'test'>;
  /** At most so many rows of each part, chosen at random. */
  trainRows: number;
  testRows: number;
  name?: string;
}

/**
 * Angles in degrees. A gross label is that of another picture. `outlier`, and the truth of training labels, are there only
 * if errors were asked for: nobody knows what is wrong with the labels of a file.
 */
export function pictureDataset(pictures: Pictures, options: PictureDatasetOptions): Dataset {
  const { random, split, name = 'pictures', annotationError, outlierShare } = options;
  const train = someOf(split.train, options.trainRows, random, 0);
  const test = someOf(split.test, options.testRows, random, 1);
  const { height, width, people, person } = pictures;
  const facts = {
    height,
    width,
    people,
    trainPerson: Uint16Array.from(train, (row) => person[row]!),
    testPerson: Uint16Array.from(test, (row) => person[row]!),
  };
  const truth = pickRows(pictures.angles, pictures.targets.length, train);
  const testSamples = samplesOf(pictures, test, pickRows(pictures.angles, pictures.targets.length, test));
  if (annotationError === 0 && outlierShare === 0)
    return { name, pictures: facts, train: samplesOf(pictures, train, truth), test: testSamples };
  const { y, outlier } = spoilt(truth, pictures.targets.length, { random, annotationError, outlierShare });
  return {
    name,
    pictures: { ...facts, trainTruth: truth },
    train: samplesOf(pictures, train, y),
    test: testSamples,
    outlier,
  };
}

/** Rows in ascending order, at most `most` of them. */
function someOf(rows: Uint32Array, most: number, random: RandomSource, call: number): Uint32Array {
  if (rows.length <= most) return rows;
  const chance = random.uniform(rows.length, call);
  const order = Uint32Array.from(rows, (_, i) => i).sort((a, b) => chance[a]! - chance[b]! || a - b);
  return order
    .subarray(0, most)
    .map((i) => rows[i]!)
    .sort();
}

/** Pixels stay where they are, for many data sets may be made of the same pictures. */
function samplesOf(
  { height, width, pixels, targets, extras, rows: all }: Pictures,
  rows: Uint32Array,
  y: Float32Array,
): Samples {
  const inputs = height * width;
  const picked = extras && pickRows(extras, extras.length / all, rows);
  return {
    rows: rows.length,
    inputs,
    outputs: targets.length,
    get x() {
      return pickRows(pixels, inputs, rows);
    },
    shared: { pixels, rows },
    y,
    ...(picked ? { extras: picked } : {}),
  };
}

function spoilt(
  truth: Float32Array,
  outputs: number,
  { random, ...errors }: LabelErrors & { random: RandomSource },
): { y: Float32Array; outlier: Uint8Array } {
  const rows = truth.length / outputs;
  const draws = random.uniform(LABEL_DRAWS * rows, 2);
  const y = new Float32Array(truth.length);
  const outlier = new Uint8Array(truth.length);
  // A yaw alone is a direction at head height.
  const directionOf = (row: number) =>
    outputs === 2
      ? ([truth[2 * row]! * RADIANS, truth[2 * row + 1]! * RADIANS] as const)
      : ([0, truth[row]! * RADIANS] as const);
  for (let row = 0; row < rows; row++) {
    const draw = new Draws(draws, LABEL_DRAWS * row, LABEL_DRAWS * (row + 1));
    const another = (from: Draws) => directionOf(Math.floor(from.between(0, rows)));
    const { gaze, isOutlier } = annotate(directionOf(row), draw, errors, another);
    y.set(
      gaze.slice(2 - outputs).map((angle) => angle / RADIANS),
      row * outputs,
    );
    outlier.fill(Number(isOutlier), row * outputs, (row + 1) * outputs);
  }
  return { y, outlier };
}

export interface EyesDatasetOptions extends LabelErrors {
  random: RandomSource;
  trainRows: number;
  testRows: number;
  /** Of each person. */
  patches: number;
  height: number;
  width: number;
}

/** Test persons have numbers from here on. */
const TEST_PERSONS_FROM = 2 ** 15;

/** Rendered eyes of persons who are in one part alone; test labels are the true gaze. Degrees. */
export function eyesDataset({
  random,
  trainRows,
  testRows,
  patches,
  ...options
}: EyesDatasetOptions): Dataset {
  const { height, width, annotationError, outlierShare } = options;
  const part = (rows: number, firstPerson: number, errors: Partial<LabelErrors>): RenderedEyes => {
    const persons = Math.ceil(rows / patches);
    return renderedEyes(random, {
      persons,
      firstPerson,
      patchesPerPerson: patches,
      height,
      width,
      ...errors,
    });
  };
  const train = part(trainRows, 0, { annotationError, outlierShare });
  const test = part(testRows, TEST_PERSONS_FROM, {});
  const samples = ({ pixels, head }: RenderedEyes, labels: Float32Array, rows: number): Samples => ({
    rows,
    inputs: height * width,
    outputs: GAZE_TARGETS.length,
    x: pixels.subarray(0, rows * height * width),
    y: inDegrees(labels.subarray(0, 2 * rows)),
    extras: inDegrees(head.subarray(0, 2 * rows)),
  });
  const people = (eyes: RenderedEyes) => [...new Set(eyes.person)];
  const [trainPeople, testPeople] = [people(train), people(test)];
  return {
    name: 'eyes',
    pictures: {
      height,
      width,
      people: [...trainPeople, ...testPeople].map((person) =>
        person < TEST_PERSONS_FROM ? `person ${person}` : `test person ${person - TEST_PERSONS_FROM}`,
      ),
      trainPerson: train.person.subarray(0, trainRows),
      testPerson: test.person
        .subarray(0, testRows)
        .map((person) => person - TEST_PERSONS_FROM + trainPeople.length),
      trainTruth: inDegrees(train.trueGaze.subarray(0, 2 * trainRows)),
    },
    train: samples(train, train.gaze, trainRows),
    test: samples(test, test.trueGaze, testRows),
    outlier: Uint8Array.from({ length: 2 * trainRows }, (_, i) => train.outlier[i >> 1]!),
  };
}
