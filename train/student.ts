/** Students of one method, one a seed: built, trained side by side on labels and teachers' predictions, evaluated. */
import type { Backend } from '../engine/backend.ts';
import type { Tensor } from '../engine/tensor.ts';
import { predict, rmse } from './evaluate.ts';
import { fit, stepsOf } from './fit.ts';
import { concatenated } from './inputs.ts';
import type { NonFiniteError, Reading } from './loop.ts';
import type { Method, MethodOptions } from './methods/method.ts';
import {
  disposeNetworks,
  type NetworkInput,
  type StudentNetworks,
  studentOf,
  type StudyNetworks,
} from './network.ts';
import type { PreparedData } from './prepared-data.ts';
import type { MethodResult, StudyConfig } from './results.ts';

export interface Students {
  /** The deployed networks, without a teacher head. */
  readonly deployed: StudyNetworks;
  /** Errors of each head for every seed, for students with two. */
  readonly heads: readonly MethodResult['heads'][] | undefined;
  dispose(): void;
}

/** What training tells of itself, and what stops it. */
export interface TrainingHooks {
  onReading(reading: Reading, forward: (input: NetworkInput) => Tensor): Promise<void>;
  onNonFinite(error: NonFiniteError, index: number): void;
  signal: AbortSignal;
  pause?(): Promise<void> | undefined;
}

export interface StudentsTask {
  config: StudyConfig;
  data: PreparedData;
  /** Of every seed: the teacher's standardised predictions for the training rows, and which labels are rejected. */
  teachers: readonly Float32Array[];
  outliers: readonly Float32Array[];
  backend: Backend;
  hooks: TrainingHooks;
}

export function studentSteps(config: StudyConfig): number {
  return stepsOf(config.epochs, config.trainRows, config.batchSize);
}

/** Trains a student for every seed; undefined if it was interrupted. */
export async function trainStudents(method: Method, task: StudentsTask): Promise<Students | undefined> {
  const { config, data, teachers, outliers, backend, hooks } = task;
  const seed = data.isSideBySide ? data.seeds : data.seeds[0]!;
  const networks = studentOf(config.student, method, { backend, shape: data.shape, seed });
  const options = methodOptions(config, data);
  const dispose = () => disposeNetworks(networks);
  const column = (tables: readonly Float32Array[]) => ({
    values: concatenated(tables),
    width: data.outputs,
  });
  const isDone = await fit({
    backend,
    parameters: networks.parameters,
    buffers: networks.buffers,
    columns: { ...data.columns(), teacher: column(teachers), outlier: column(outliers) },
    loss(batch) {
      const heads = networks.heads(data.batchInput(batch), { training: true });
      return method.loss(heads, targetsOf(batch), options);
    },
    steps: studentSteps(config),
    batchSize: config.batchSize,
    learningRate: config.learningRate,
    seed,
    where: data.seeds.map((each) => `${method.name}, seed ${each}`),
    ...hooks,
    onReading: (reading) => hooks.onReading(reading, networks.deployed.forward),
  });
  if (!isDone) {
    dispose();
    return undefined;
  }
  return {
    deployed: networks.deployed,
    heads: method.hasTwoHeads ? await headErrors(networks, data) : undefined,
    dispose,
  };
}

function targetsOf({ label, teacher, outlier }: Readonly<Record<string, Tensor>>) {
  return { label: label!, teacher: teacher!, outlier: outlier! };
}

function methodOptions(
  { outlierBranch, eps, teacherWeight }: StudyConfig,
  { isSideBySide }: PreparedData,
): MethodOptions {
  return { outlierBranch, eps, teacherWeight, alpha: 0.5, delta: 1, leadingAxes: isSideBySide ? 1 : 0 };
}

async function headErrors(networks: StudentNetworks, data: PreparedData): Promise<MethodResult['heads'][]> {
  const labels = await predict((x) => networks.heads(x).pred, data.testInputs, data.yScales);
  const teachers = await predict((x) => networks.heads(x).teacherPred!, data.testInputs, data.yScales);
  return data.each.map(({ dataset }, i) => {
    const truth = dataset.test.y;
    const [label, teacher] = [labels[i]!, teachers[i]!];
    const mean = label.map((value, row) => (value + teacher[row]!) / 2);
    return { label: rmse(label, truth), teacher: rmse(teacher, truth), mean: rmse(mean, truth) };
  });
}
