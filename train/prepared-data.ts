/** The data of some seeds, standardised, with everything that their networks share. */
import {
  type Dataset,
  type RandomSource,
  type Scale,
  scaleOf,
  standardise,
  type Table,
} from '../datasets/dataset.ts';
import { sinusoid } from '../datasets/sinusoid.ts';
import { tableDataset } from '../datasets/table-dataset.ts';
import type { Backend } from '../engine/backend.ts';
import { normal, uniformValues } from '../engine/random.ts';
import type { Tensor } from '../engine/tensor.ts';
import { inputsOf } from './evaluate.ts';
import type { StudyConfig } from './results.ts';

/** Points of the curve that a report draws. */
const GRID_POINTS = 201;

/** One seed's. */
export interface SeedData {
  readonly seed: number;
  readonly dataset: Dataset;
  /** Statistics of the training part. */
  readonly xScale: Scale;
  readonly yScale: Scale;
  /** Standardised training inputs and labels. */
  readonly x: Float32Array;
  readonly label: Float32Array;
}

/** Of seeds that are trained side by side; each is what it would be alone. */
export interface PreparedData {
  readonly each: readonly SeedData[];
  readonly seeds: readonly number[];
  readonly inputs: number;
  readonly outputs: number;
  readonly yScales: readonly Scale[];
  /** Standardised inputs on the backend, (seeds, rows, inputs). */
  readonly trainInputs: Tensor;
  readonly testInputs: Tensor;
  /** Where the fitted curve is evaluated; only with one input and one output. */
  readonly grid: { readonly x: readonly number[]; readonly inputs: Tensor } | undefined;
  dispose(): void;
}

/** @param table For data 'csv'. */
export async function prepareData(
  config: StudyConfig,
  seeds: readonly number[],
  backend: Backend,
  table?: Table,
): Promise<PreparedData> {
  const each: SeedData[] = [];
  for (const seed of seeds) each.push(await seedData(config, seed, backend, table));
  const { inputs, outputs } = each[0]!.dataset.train;
  const tensorOf = (values: (data: SeedData) => ArrayLike<number>) => {
    const tables = each.map((data) => standardise(values(data), data.xScale));
    return inputsOf(tables, inputs, backend);
  };
  const trainInputs = inputsOf(
    each.map(({ x }) => x),
    inputs,
    backend,
  );
  const testInputs = tensorOf(({ dataset }) => dataset.test.x);
  const x = inputs === 1 && outputs === 1 ? gridOf(config, each[0]!.dataset) : undefined;
  const grid = x && { x, inputs: tensorOf(() => x) };
  return {
    each,
    seeds,
    inputs,
    outputs,
    yScales: each.map(({ yScale }) => yScale),
    trainInputs,
    testInputs,
    grid,
    dispose() {
      for (const tensor of [trainInputs, testInputs, grid?.inputs]) tensor?.dispose();
    },
  };
}

/** Over the whole range of the input, whichever rows a seed trains on. */
function gridOf({ data }: StudyConfig, { train, test }: Dataset): number[] {
  const [low, high] = data === 'sinusoid' ? [-1, 1] : rangeOf([train.x, test.x]);
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
  table: Table | undefined,
): Promise<SeedData> {
  const random = randomSource(seed, backend);
  const dataset = table ? tableOf(config, table, random) : await sinusoidOf(config, random);
  const { train } = dataset;
  const xScale = scaleOf(train.x, train.inputs);
  const yScale = scaleOf(train.y, train.outputs);
  const [x, label] = [standardise(train.x, xScale), standardise(train.y, yScale)];
  return { seed, dataset, xScale, yScale, x, label };
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

function tableOf(config: StudyConfig, table: Table, random: RandomSource): Dataset {
  const { target, testShare, noise, outlierSize, file } = config;
  return tableDataset(table, { random, target, testShare, outlierShare: noise, outlierSize, name: file });
}

/** Uniform numbers on the host, normal ones by the kernel: so every host draws the same. */
function randomSource(seed: number, backend: Backend): RandomSource {
  return {
    uniform: (count, call) => uniformValues(count, { seed, stream: 'data', call }),
    async normal(count, call) {
      backend.step.reset(); // the step's number is part of the random counter
      const values = normal([count], backend, { seed, stream: 'noise', call });
      const data = await values.data();
      values.dispose();
      return data;
    },
  };
}
