/** A seed's data, standardised, with everything that its networks share. */
import { type Dataset, type RandomSource, type Scale, scaleOf, standardise } from '../datasets/dataset.ts';
import { sinusoid } from '../datasets/sinusoid.ts';
import type { Backend } from '../engine/backend.ts';
import { normal, uniformValues } from '../engine/random.ts';
import type { Tensor } from '../engine/tensor.ts';
import { inputsOf } from './evaluate.ts';
import type { StudyConfig } from './results.ts';

/** Points of the curve that a report draws. */
const GRID_POINTS = 201;

export interface PreparedData {
  readonly dataset: Dataset & { outlier: Uint8Array };
  /** Statistics of the training part. */
  readonly xScale: Scale;
  readonly yScale: Scale;
  /** Standardised training inputs and labels. */
  readonly x: Float32Array;
  readonly label: Float32Array;
  /** Standardised inputs on the backend. */
  readonly trainInputs: Tensor;
  readonly testInputs: Tensor;
  readonly gridInputs: Tensor;
  readonly grid: number[];
  dispose(): void;
}

export async function prepareData(
  config: StudyConfig,
  seed: number,
  backend: Backend,
): Promise<PreparedData> {
  const dataset = await sinusoid(randomSource(seed, backend), {
    frequency: config.frequency,
    trainRows: config.trainRows,
    testRows: config.testRows,
    gaussianNoise: config.gaussianNoise,
    outlierShare: config.noise,
    outlierSize: config.outlierSize,
  });
  const { train, test } = dataset;
  const xScale = scaleOf(train.x, train.inputs);
  const yScale = scaleOf(train.y, train.outputs);
  const x = standardise(train.x, xScale);
  const grid = Array.from({ length: GRID_POINTS }, (_, i) => -1 + (2 * i) / (GRID_POINTS - 1));
  const inputs = (values: ArrayLike<number>) => inputsOf(standardise(values, xScale), train.inputs, backend);
  const [trainInputs, testInputs, gridInputs] = [
    inputsOf(x, train.inputs, backend),
    inputs(test.x),
    inputs(grid),
  ];
  return {
    dataset,
    xScale,
    yScale,
    x,
    label: standardise(train.y, yScale),
    trainInputs,
    testInputs,
    gridInputs,
    grid,
    dispose() {
      for (const tensor of [trainInputs, testInputs, gridInputs]) tensor.dispose();
    },
  };
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
