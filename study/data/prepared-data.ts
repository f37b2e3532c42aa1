/** The data of some seeds, standardised, with everything that their networks share. */
import {
  type Dataset,
  pickRows,
  type Samples,
  type Scale,
  scaleOf,
  standardise,
} from '../../datasets/dataset.ts';
import { augment } from '../../engine/data/augment.ts';
import type { Backend } from '../../engine/backend.ts';
import type { Column } from '../../engine/data/batches.ts';
import { reshape } from '../../engine/ops/movement/movement.ts';
import type { Tensor } from '../../engine/tensor.ts';
import {
  concatenated,
  concatenatedClasses,
  type Inputs,
  pictureInputs,
  standardisedPixels,
  tableInputs,
} from './inputs.ts';
import type { ImageShape } from '../../models/image-layers.ts';
import type { InputShape, NetworkInput } from '../../models/network.ts';
import type { Coding, Encoded } from '../../tasks/coding.ts';
import type { Task } from '../../tasks/task.ts';
import type { StudyConfig } from '../results.ts';
import { dataSeedOf } from '../run-options.ts';
import { dataKindOf, taskOf } from './kinds/all.ts';
import { type DataInput, seedDataset } from './seed-dataset.ts';
import { studentRows } from './student-rows.ts';

/** Points of the curve that a report draws. */
const GRID_POINTS = 201;

/** One seed's. */
export interface SeedData {
  readonly seed: number;
  readonly dataset: Dataset;
  /** Statistics of the training part; of images one mean and deviation for all pixels. */
  readonly xScale: Scale;
  /** How its labels and its networks' outputs go together. */
  readonly coding: Coding;
  readonly extrasScale: Scale | undefined;
  /** Training inputs: standardised, or the bytes of images. */
  readonly x: Float32Array | Uint8Array;
  /** As the coding has them. */
  readonly label: Encoded;
  readonly extras: Float32Array | undefined;
}

/** Of seeds that are trained side by side; each is what it would be alone. */
export interface PreparedData {
  readonly each: readonly SeedData[];
  readonly seeds: readonly number[];
  readonly task: Task;
  readonly inputs: number;
  /** Numbers a row that networks put out. */
  readonly outputs: number;
  readonly shape: InputShape;
  /** Whether batches, networks and losses have an axis of seeds in front. Images are trained a seed at a time. */
  readonly isSideBySide: boolean;
  /** Of networks and draws: the list of seeds side by side, or the one. */
  readonly networkSeed: number | readonly number[];
  /** Axes that losses keep: 1 side by side, else 0. */
  readonly leadingAxes: 0 | 1;
  /** Times that a network is looked at while it trains: looking at images takes its time. */
  readonly readings: number | undefined;
  readonly codings: readonly Coding[];
  readonly trainInputs: Inputs;
  readonly testInputs: Inputs;
  /** Where the fitted curve is evaluated; only with one input and one output. */
  readonly grid: { readonly x: readonly number[]; readonly inputs: Inputs } | undefined;
  /** Of each seed the training rows that its students learn from; all if undefined. */
  readonly studentRows: readonly Uint32Array[] | undefined;
  /** Of each seed the training rows that its students are validated on, if they are. */
  readonly validationRows: readonly Uint32Array[] | undefined;
  /** Columns of all seeds' training rows, or of some rows of each: `x`, `label`, and `extras` if there are any. */
  columns(rows?: readonly Uint32Array[]): Record<string, Column>;
  /** The labels of some training rows of each seed. */
  labels(rows: readonly Uint32Array[]): readonly Encoded[];
  /** What a network is given of a batch of them: images changed at random, and standardised. */
  batchInput(batch: Readonly<Record<string, Tensor>>, augmentationSeed?: number): NetworkInput;
  /** Some training rows of each seed, for evaluation. */
  rowInputs(rows: readonly Uint32Array[]): Inputs;
  dispose(): void;
}

/** Of images one seed. */
export async function prepareData(
  config: StudyConfig,
  seeds: readonly number[],
  backend: Backend,
  input: DataInput = {},
): Promise<PreparedData> {
  const task = taskOf(config);
  const each: SeedData[] = [];
  for (const seed of seeds) each.push(await seedData(config, seed, backend, input));
  const parts = each.map(({ seed, dataset }) =>
    studentRows(config, { seed: dataSeedOf(config, seed), dataset }),
  );
  const { train } = each[0]!.dataset;
  const { inputs } = train;
  const { outputs, width: labelWidth } = each[0]!.coding;
  const extrasWidth = widthOf(train);
  const image = imageShapeOf(each[0]!.dataset);
  const pictureBytes = (x: Uint8Array, extras: Float32Array | undefined) =>
    pictureInputs({ pixels: x, size: inputs, scale: each[0]!.xScale, extras }, backend);
  const rowInputs = (rows?: readonly Uint32Array[]) => {
    const tables = each.map(({ x }, i) => rowsOf(x, inputs, rows?.[i]));
    if (!image) return tableInputs(tables, inputs, backend);
    const { extras } = each[0]!;
    return pictureBytes(tables[0] as Uint8Array, extras && rowsOf(extras, extrasWidth, rows?.[0]));
  };
  const tablesOf = (values: (data: SeedData) => ArrayLike<number>) =>
    tableInputs(
      each.map((data) => standardise(values(data), data.xScale)),
      inputs,
      backend,
    );
  const trainInputs = rowInputs();
  const testInputs = image ? testPictures(each[0]!, pictureBytes) : tablesOf(({ dataset }) => dataset.test.x);
  const x =
    inputs === 1 && task.labels === 'numbers' && outputs === 1 ? gridOf(config, each[0]!.dataset) : undefined;
  const grid = x && { x, inputs: tablesOf(() => x) };
  return {
    each,
    seeds,
    task,
    inputs,
    outputs,
    shape: { inputs, outputs, extras: extrasWidth, image },
    isSideBySide: image === undefined,
    networkSeed: image ? seeds[0]! : seeds,
    leadingAxes: image ? 0 : 1,
    readings: image && 20,
    codings: each.map(({ coding }) => coding),
    trainInputs,
    testInputs,
    grid,
    studentRows: ofAll(parts.map(({ learnt }) => learnt)),
    validationRows: ofAll(parts.map(({ validation }) => validation)),
    columns(rows) {
      const column = (width: number, of: (data: SeedData) => Rows): Column => {
        const tables = each.map((data, i) => rowsOf(of(data), width, rows?.[i]));
        const joined = tables[0] instanceof Uint32Array ? concatenatedClasses : concatenated;
        return { values: tables.length === 1 ? tables[0]! : joined(tables), width };
      };
      return {
        x: column(inputs, ({ x: own }) => own),
        label: column(labelWidth, ({ label }) => label),
        ...(extrasWidth > 0 ? { extras: column(extrasWidth, ({ extras }) => extras!) } : {}),
      };
    },
    labels: (rows) => each.map(({ label }, i) => rowsOf(label, labelWidth, rows[i])),
    batchInput: ({ x: batch, extras }, augmentationSeed = seeds[0]!) =>
      image
        ? {
            x: standardisedPixels(augmented(batch!, image, config, augmentationSeed), each[0]!.xScale),
            extras,
          }
        : { x: batch! },
    rowInputs,
    dispose() {
      for (const kept of [trainInputs, testInputs, grid?.inputs]) kept?.dispose();
    },
  };
}

/** Channels, height, width; undefined of a table. */
function imageShapeOf({ image, pictures }: Dataset): ImageShape | undefined {
  if (image) return [image.channels, image.height, image.width];
  return pictures && [1, pictures.height, pictures.width];
}

/** Seeds are alike: all have such rows, or none. */
function ofAll(rows: readonly (Uint32Array | undefined)[]): Uint32Array[] | undefined {
  const all = rows.filter((each) => each !== undefined);
  return all.length > 0 ? all : undefined;
}

/** Numbers beside each image. */
function widthOf({ extras, rows }: Samples): number {
  return extras ? extras.length / rows : 0;
}

function testPictures(
  { dataset: { test }, extrasScale }: SeedData,
  inputsOf: (x: Uint8Array, extras: Float32Array | undefined) => Inputs,
): Inputs {
  const extras = test.extras && extrasScale && standardise(test.extras, extrasScale);
  return inputsOf(test.x as Uint8Array, extras);
}

/** Images of a batch as rows of pixels, changed as the study wants it. */
function augmented(
  x: Tensor,
  image: ImageShape,
  { shift, brightness, pixelNoise }: StudyConfig,
  seed: number,
): Tensor {
  if (shift === 0 && brightness === 0 && pixelNoise === 0) return x;
  const images = reshape(x, [x.shape[0]!, ...image]);
  const options = { shift, brightness: 255 * brightness, noise: 255 * pixelNoise, seed };
  return reshape(augment(images, options), x.shape);
}

type Rows = Float32Array | Uint8Array | Uint32Array;

/** All rows, or those that are listed. */
export function rowsOf<T extends Rows>(values: T, width: number, rows?: Uint32Array): T {
  return rows ? pickRows(values, width, rows) : values;
}

/** Over the whole range of the input, whichever rows a seed trains on. */
function gridOf(config: StudyConfig, { train, test }: Dataset): number[] {
  const [low, high] = dataKindOf(config).range ?? rangeOf([train.x, test.x]);
  return Array.from({ length: GRID_POINTS }, (_, i) => low + ((high - low) * i) / (GRID_POINTS - 1));
}

function rangeOf(lists: readonly Iterable<number>[]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const values of lists)
    for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return [low, high];
}

async function seedData(
  config: StudyConfig,
  seed: number,
  backend: Backend,
  input: DataInput,
): Promise<SeedData> {
  const dataset = await seedDataset(config, dataSeedOf(config, seed), backend, input);
  const { train, classes } = dataset;
  const isOfImages = imageShapeOf(dataset) !== undefined;
  const xScale = scaleOf(train.x, isOfImages ? 1 : train.inputs);
  const coding = taskOf(config).fit(train.y, { width: train.outputs, classes });
  const extrasScale = train.extras && scaleOf(train.extras, widthOf(train));
  return {
    seed,
    dataset,
    xScale,
    coding,
    extrasScale,
    x: isOfImages ? (train.x as Uint8Array) : standardise(train.x, xScale),
    label: coding.encode(train.y),
    extras: train.extras && extrasScale && standardise(train.extras, extrasScale),
  };
}
