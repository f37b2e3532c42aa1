/** The data of some seeds, standardised, with everything that their networks share. */
import { type Dataset, type RandomSource, type Scale, scaleOf, standardise } from '../datasets/dataset.ts';
import { sinusoid } from '../datasets/sinusoid.ts';
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
  readonly dataset: Dataset & { outlier: Uint8Array };
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
  readonly yScales: readonly Scale[];
  /** Standardised inputs on the backend, (seeds, rows, inputs). */
  readonly trainInputs: Tensor;
  readonly testInputs: Tensor;
  readonly gridInputs: Tensor;
  readonly grid: number[];
  dispose(): void;
}

export async function prepareData(
  config: StudyConfig,
  seeds: readonly number[],
  backend: Backend,
): Promise<PreparedData> {
  const each: SeedData[] = [];
  for (const seed of seeds) each.push(await seedData(config, seed, backend));
  const grid = Array.from({ length: GRID_POINTS }, (_, i) => -1 + (2 * i) / (GRID_POINTS - 1));
  const { inputs } = each[0]!.dataset.train;
  const tensorOf = (values: (data: SeedData) => ArrayLike<number>) => {
    const tables = each.map((data) => standardise(values(data), data.xScale));
    return inputsOf(tables, inputs, backend);
  };
  const trainInputs = inputsOf(
    each.map(({ x }) => x),
    inputs,
    backend,
  );
  const [testInputs, gridInputs] = [tensorOf(({ dataset }) => dataset.test.x), tensorOf(() => grid)];
  return {
    each,
    seeds,
    yScales: each.map(({ yScale }) => yScale),
    trainInputs,
    testInputs,
    gridInputs,
    grid,
    dispose() {
      for (const x of [trainInputs, testInputs, gridInputs]) x.dispose();
    },
  };
}

async function seedData(config: StudyConfig, seed: number, backend: Backend): Promise<SeedData> {
  const dataset = await sinusoid(randomSource(seed, backend), {
    frequency: config.frequency,
    trainRows: config.trainRows,
    testRows: config.testRows,
    gaussianNoise: config.gaussianNoise,
    outlierShare: config.noise,
    outlierSize: config.outlierSize,
  });
  const { train } = dataset;
  const xScale = scaleOf(train.x, train.inputs);
  const yScale = scaleOf(train.y, train.outputs);
  const [x, label] = [standardise(train.x, xScale), standardise(train.y, yScale)];
  return { seed, dataset, xScale, yScale, x, label };
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
