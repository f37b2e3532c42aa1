/** Students of one method, one a seed: built, trained side by side on labels and teachers' predictions, evaluated. */
import type { Backend } from '../engine/backend.ts';
import type { Tensor } from '../engine/tensor.ts';
import { dualHead, mlp } from '../models/mlp.ts';
import type { Model } from '../models/model.ts';
import { concatenated, predict, rmse } from './evaluate.ts';
import { fit, stepsOf } from './fit.ts';
import type { NonFiniteError, Reading } from './loop.ts';
import type { Heads, Method, MethodOptions } from './methods/method.ts';
import { parseNetwork } from './network-spec.ts';
import type { PreparedData } from './prepared-data.ts';
import type { MethodResult, StudyConfig } from './results.ts';

export interface Students {
  /** The deployed networks, without a teacher head: parameters (seeds, …). */
  readonly deployed: Model;
  /** Errors of each head for every seed, for students with two. */
  readonly heads: readonly MethodResult['heads'][] | undefined;
  dispose(): void;
}

/** What training tells of itself, and what stops it. */
export interface TrainingHooks {
  onReading(reading: Reading, forward: (x: Tensor) => Tensor): Promise<void>;
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

interface Network {
  readonly parameters: Readonly<Record<string, Tensor>>;
  readonly deployed: Model;
  forward(x: Tensor): Heads;
}

/** Trains a student for every seed; undefined if it was interrupted. */
export async function trainStudents(method: Method, task: StudentsTask): Promise<Students | undefined> {
  const { config, data, teachers, outliers, backend, hooks } = task;
  const network = networkOf(method, config, data, backend);
  const options = methodOptions(config);
  const dispose = () => {
    for (const x of Object.values(network.parameters)) x.dispose();
  };
  const { inputs, outputs } = data;
  const column = (tables: readonly Float32Array[], width: number) => ({
    values: concatenated(tables),
    width,
  });
  const isDone = await fit({
    backend,
    parameters: network.parameters,
    columns: {
      x: column(
        data.each.map(({ x }) => x),
        inputs,
      ),
      label: column(
        data.each.map(({ label }) => label),
        outputs,
      ),
      teacher: column(teachers, outputs),
      outlier: column(outliers, outputs),
    },
    loss: ({ x, ...batch }) => method.loss(network.forward(x), batch, options),
    steps: studentSteps(config),
    batchSize: config.batchSize,
    learningRate: config.learningRate,
    seed: data.seeds,
    where: data.seeds.map((seed) => `${method.name}, seed ${seed}`),
    ...hooks,
    onReading: (reading) => hooks.onReading(reading, network.deployed.forward),
  });
  if (!isDone) {
    dispose();
    return undefined;
  }
  return {
    deployed: network.deployed,
    heads: method.hasTwoHeads ? await headErrors(network, data) : undefined,
    dispose,
  };
}

/** Same seed, same trunk and label head: methods differ in their loss alone. */
function networkOf(method: Method, config: StudyConfig, data: PreparedData, backend: Backend): Network {
  const { widths, activation } = parseNetwork(config.student, '--student');
  const { inputs, outputs, seeds: seed } = data;
  const options = { backend, inputs, outputs, widths, activation, seed };
  if (method.hasTwoHeads) {
    const model = dualHead(options);
    return { parameters: model.parameters, deployed: model.labelOnly(), forward: model.forward };
  }
  const model = mlp(options);
  return { parameters: model.parameters, deployed: model, forward: (x) => ({ pred: model.forward(x) }) };
}

function methodOptions({ outlierBranch, eps, teacherWeight }: StudyConfig): MethodOptions {
  return { outlierBranch, eps, teacherWeight, alpha: 0.5, delta: 1, leadingAxes: 1 };
}

async function headErrors({ forward }: Network, data: PreparedData): Promise<MethodResult['heads'][]> {
  const labels = await predict((x) => forward(x).pred, data.testInputs, data.yScales);
  const teachers = await predict((x) => forward(x).teacherPred!, data.testInputs, data.yScales);
  return data.each.map(({ dataset }, i) => {
    const truth = dataset.test.y;
    const [label, teacher] = [labels[i]!, teachers[i]!];
    const mean = label.map((value, row) => (value + teacher[row]!) / 2);
    return { label: rmse(label, truth), teacher: rmse(teacher, truth), mean: rmse(mean, truth) };
  });
}
