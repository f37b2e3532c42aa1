/**
 * Whether generated pictures need a network: a linear model of the pixels and LeNet are trained on the same rows and tried on
 * persons that neither has seen.
 */
import { angularErrors } from '../../datasets/images/gaze.ts';
import { Batches, type Column } from '../../engine/data/batches.ts';
import type { GpuBackend } from '../../engine/gpu/gpu.ts';
import { add, mul } from '../../engine/ops/pointwise/elementwise.ts';
import { adam } from '../../engine/optim/optim.ts';
import { cosine } from '../../engine/optim/schedules.ts';
import { noGrad } from '../../engine/tape.ts';
import { type Tensor, tensor, tidy } from '../../engine/tensor.ts';
import { mse } from '../../losses/regression.ts';
import { lenet } from '../../models/lenet.ts';
import { train } from '../../train/loop.ts';
import { predictLinear, ridge, type Table } from './ridge.ts';

/** Pictures with what is to be predicted, pitch and yaw in radians, and other numbers that a model may use. */
export interface Pictures {
  readonly rows: number;
  readonly height: number;
  readonly width: number;
  readonly pixels: Uint8Array;
  readonly label: Float32Array;
  /** Two numbers a row; none where there are none. */
  readonly extra?: Float32Array;
}

/** Persons apart. */
export interface Parts {
  train: Pictures;
  validation: Pictures;
  test: Pictures;
}

export interface NetworkOptions {
  steps: number;
  batchSize: number;
  learningRate: number;
  seed: number;
  signal: AbortSignal;
  onReading?(step: number, loss: number): void;
}

const PENALTIES = [1e-4, 1e-3, 1e-2, 1e-1, 1];

export interface LinearResult {
  penalty: number;
  validationError: number;
  testError: number;
}

/** Mean angular errors in degrees; the penalty is the best on the validation part. */
export function checkLinear({ train: fitted, validation, test }: Parts): LinearResult {
  const y = { rows: fitted.rows, columns: 2, values: fitted.label };
  const [validationTable, testTable] = [featuresOf(validation), featuresOf(test)];
  const results = ridge(featuresOf(fitted), y, PENALTIES).map((weights, i) => ({
    penalty: PENALTIES[i]!,
    validationError: meanError(predictLinear(validationTable, weights), validation.label),
    testError: meanError(predictLinear(testTable, weights), test.label),
  }));
  return results.reduce((best, result) => (result.validationError < best.validationError ? result : best));
}

/** Pixels of a unit's size, the extra numbers, and a one. */
function featuresOf({ rows, height, width, pixels, extra }: Pictures): Table {
  const count = height * width;
  const columns = count + (extra ? 2 : 0) + 1;
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < count; i++) values[row * columns + i] = pixels[row * count + i]! / 64 - 2;
    if (extra) values.set(extra.subarray(2 * row, 2 * row + 2), row * columns + count);
    values[(row + 1) * columns - 1] = 1;
  }
  return { rows, columns, values };
}

/** What always predicting the mean label of the training part gives. */
export function checkMean({ train: { label }, test }: Parts): number {
  const means = [0, 1].map(
    (k) => label.reduce((sum, y, i) => (i % 2 === k ? sum + y : sum), 0) / (label.length / 2),
  );
  return meanError(
    test.label.map((_, i) => means[i % 2]!),
    test.label,
  );
}

/** Mean angular error in degrees of LeNet on the test part. */
export async function checkNetwork(
  { train: fitted, test }: Parts,
  backend: GpuBackend,
  { steps, batchSize, learningRate, seed, signal, onReading }: NetworkOptions,
): Promise<number> {
  const { height, pixels, label, extra } = fitted;
  const model = lenet({
    backend,
    inputShape: [1, height, fitted.width],
    seed,
    outputs: 2,
    ...(extra ? { extras: 2 } : {}),
  });
  const scaled = label.map((y) => y * LABEL_SCALE);
  const columns: Record<string, Column> = {
    image: { values: pixels, width: height * fitted.width },
    label: { values: scaled, width: 2 },
    ...(extra ? { extra: { values: extra, width: 2 } } : {}),
  };
  const batches = new Batches(columns, backend, { batchSize, seed });
  const forward = (image: Tensor, extras?: Tensor) =>
    model.forward(add(mul(image, 1 / 64), -2), extras ? { extras } : {});
  await train({
    backend,
    batches,
    loss: (batch) => mse({ pred: forward(batch.image!, batch.extra), label: batch.label! }),
    optimizer: adam(model.parameters, { learningRate: cosine(learningRate, { updates: steps, warmUp: 20 }) }),
    steps,
    readEvery: 100,
    signal,
    async onReading({ step, loss }) {
      onReading?.(step, loss);
    },
  });
  batches.dispose();
  const predictions: number[] = [];
  const count = height * fitted.width;
  for (let from = 0; from < test.rows; from += batchSize) {
    const rows = Math.min(batchSize, test.rows - from);
    const y = tidy(() =>
      noGrad(() =>
        forward(
          tensor(
            Float32Array.from(test.pixels.subarray(from * count, (from + rows) * count)),
            [rows, count],
            backend,
          ),
          test.extra && tensor(test.extra.subarray(2 * from, 2 * (from + rows)), [rows, 2], backend),
        ),
      ),
    );
    predictions.push(...(await y.data()));
    y.dispose();
  }
  return meanError(
    predictions.map((y) => y / LABEL_SCALE),
    test.label,
  );
}

/** Radians of a gaze are about a fifth. */
const LABEL_SCALE = 5;

function meanError(predictions: ArrayLike<number>, label: ArrayLike<number>): number {
  const errors = angularErrors(predictions, label);
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}
