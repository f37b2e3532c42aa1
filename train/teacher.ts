/**
 * The teacher, and what it predicts for the training set. A teacher that has memorised the outliers would reject none
 * of them, so it may stop early, or predict every sample by a network that has not seen it.
 */
import type { Backend } from '../engine/backend.ts';
import { add, mul } from '../engine/ops/elementwise.ts';
import { permutation } from '../engine/random.ts';
import type { Tensor } from '../engine/tensor.ts';
import { mse } from '../losses/regression.ts';
import { mlp } from '../models/mlp.ts';
import type { Model } from '../models/model.ts';
import { inputsOf, predictStandardised, rmse } from './evaluate.ts';
import { fit, stepsOf } from './fit.ts';
import type { Reading } from './loop.ts';
import { parseNetwork } from './network-spec.ts';
import type { PreparedData } from './prepared-data.ts';
import type { StudyConfig } from './results.ts';

export const FOLDS = 5;
/** Share of the training set that early stopping holds out. */
const VALIDATION_SHARE = 0.2;
/** Keeps the teacher's random numbers apart from the student's: seeds are below 2^32. */
const TEACHER_SEED = 2 ** 32;

export interface Teacher {
  /** The mean of its networks; one, or one a fold. */
  forward(x: Tensor): Tensor;
  /** Of all its networks. */
  readonly parameters: Readonly<Record<string, Tensor>>;
  readonly parameterCount: number;
  readonly macs: number;
  /** Standardised predictions for the training rows. */
  readonly predictions: Float32Array;
  dispose(): void;
}

export interface TeacherHooks {
  /** `step` counts over all networks of the teacher; `forward` is the network in training. */
  onReading(reading: Reading, forward: (x: Tensor) => Tensor): Promise<void>;
  signal: AbortSignal;
}

/** Steps of all networks of a teacher together. */
export function teacherSteps(config: StudyConfig): { networks: number; stepsEach: number } {
  const held =
    config.teacherMode === 'plain' ? 0 : config.teacherMode === 'out-of-fold' ? 1 / FOLDS : VALIDATION_SHARE;
  const rows = config.trainRows - Math.floor(config.trainRows * held);
  const networks = config.teacherMode === 'out-of-fold' ? FOLDS : 1;
  return { networks, stepsEach: stepsOf(config.teacherEpochs, rows, config.batchSize) };
}

/** Trains the teacher with squared error on the noisy labels; undefined if it was interrupted. */
export async function trainTeacher(
  config: StudyConfig,
  data: PreparedData,
  seed: number,
  backend: Backend,
  hooks: TeacherHooks,
): Promise<Teacher | undefined> {
  const { rows } = data.dataset.train;
  const { networks, stepsEach } = teacherSteps(config);
  const order = permutation(rows, { seed: seed + TEACHER_SEED });
  const models: Model[] = [];
  const predictions = new Float32Array(data.label.length);
  for (let k = 0; k < networks; k++) {
    const held = heldOut(config.teacherMode, order, k);
    const isHeld = new Set(held);
    const model = modelOf(config, seed, k, backend);
    models.push(model);
    const isDone = await fitTeacher(config, data, model, {
      kept: order.filter((row) => !isHeld.has(row)),
      validation: config.teacherMode === 'early-stopping' ? held : new Uint32Array(0),
      seed: seed + TEACHER_SEED * (k + 1),
      backend,
      stepsEach,
      where: `teacher, seed ${seed}`,
      signal: hooks.signal,
      onReading: ({ step, loss }) => hooks.onReading({ step: k * stepsEach + step, loss }, model.forward),
    });
    if (!isDone) {
      disposeAll(models);
      return undefined;
    }
    await predictRows(model, data, config.teacherMode === 'out-of-fold' ? held : order, predictions);
  }
  return ensemble(models, predictions);
}

/** Rows that network k does not learn from. */
function heldOut(mode: StudyConfig['teacherMode'], order: Uint32Array, k: number): Uint32Array {
  if (mode === 'plain') return new Uint32Array(0);
  if (mode === 'early-stopping') return order.subarray(0, Math.floor(order.length * VALIDATION_SHARE));
  return order.filter((_, i) => i % FOLDS === k);
}

function modelOf(config: StudyConfig, seed: number, k: number, backend: Backend): Model {
  const { widths, activation } = parseNetwork(config.teacher, '--teacher');
  return mlp({ backend, widths, activation, seed: seed + TEACHER_SEED * (k + 1) });
}

interface TeacherFit {
  kept: Uint32Array;
  validation: Uint32Array;
  seed: number;
  backend: Backend;
  stepsEach: number;
  where: string;
  signal: AbortSignal;
  onReading(reading: Reading): Promise<void>;
}

async function fitTeacher(
  config: StudyConfig,
  data: PreparedData,
  model: Model,
  given: TeacherFit,
): Promise<boolean> {
  const { kept, validation, backend, stepsEach, ...rest } = given;
  const pick = (values: Float32Array, rows: Uint32Array) => Float32Array.from(rows, (row) => values[row]!);
  const held = inputsOf(pick(data.x, validation), 1, backend);
  const heldLabels = pick(data.label, validation);
  try {
    return await fit({
      ...rest,
      backend,
      parameters: model.parameters,
      columns: {
        x: { values: pick(data.x, kept), width: 1 },
        label: { values: pick(data.label, kept), width: 1 },
      },
      loss: ({ x, label }) => mse({ pred: model.forward(x), label }),
      steps: stepsEach,
      batchSize: config.batchSize,
      learningRate: config.teacherLearningRate,
      validate:
        validation.length > 0
          ? async () => rmse(await predictStandardised(model.forward, held), heldLabels)
          : undefined,
    });
  } finally {
    held.dispose();
  }
}

async function predictRows(
  model: Model,
  data: PreparedData,
  rows: Uint32Array,
  into: Float32Array,
): Promise<void> {
  const values = await predictStandardised(model.forward, data.trainInputs);
  for (const row of rows) into[row] = values[row]!;
}

function ensemble(models: readonly Model[], predictions: Float32Array): Teacher {
  const named = models.flatMap((model, k) =>
    Object.entries(model.parameters).map(
      ([name, x]) => [models.length > 1 ? `fold.${k}.${name}` : name, x] as const,
    ),
  );
  return {
    forward(x) {
      const sum = models.map((model) => model.forward(x)).reduce((total, y) => add(total, y));
      return models.length > 1 ? mul(sum, 1 / models.length) : sum;
    },
    parameters: Object.fromEntries(named),
    parameterCount: models.reduce((sum, model) => sum + model.parameterCount, 0),
    macs: models.reduce((sum, model) => sum + model.macs, 0),
    predictions,
    dispose: () => disposeAll(models),
  };
}

function disposeAll(models: readonly Model[]): void {
  for (const model of models) for (const x of Object.values(model.parameters)) x.dispose();
}
