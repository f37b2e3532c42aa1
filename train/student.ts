/** A student of one method: built, trained on labels and teacher's predictions, evaluated. */
import type { Backend } from '../engine/backend.ts';
import type { Tensor } from '../engine/tensor.ts';
import { dualHead, mlp } from '../models/mlp.ts';
import type { Model } from '../models/model.ts';
import { predict, rmse } from './evaluate.ts';
import { fit, stepsOf } from './fit.ts';
import type { Reading } from './loop.ts';
import type { Heads, Method, MethodOptions } from './methods/method.ts';
import { parseNetwork } from './network-spec.ts';
import type { PreparedData } from './prepared-data.ts';
import type { MethodResult, StudyConfig } from './results.ts';

export interface Student {
  /** The deployed network: without a teacher head. */
  readonly deployed: Model;
  /** Error of each head, for students with two. */
  readonly heads: MethodResult['heads'];
  dispose(): void;
}

export interface StudentTask {
  config: StudyConfig;
  data: PreparedData;
  /** The teacher's standardised predictions for the training rows, and which labels are rejected. */
  teacher: Float32Array;
  outlier: Float32Array;
  seed: number;
  backend: Backend;
  onReading(reading: Reading, forward: (x: Tensor) => Tensor): Promise<void>;
  signal: AbortSignal;
}

export function studentSteps(config: StudyConfig): number {
  return stepsOf(config.epochs, config.trainRows, config.batchSize);
}

interface Network {
  readonly parameters: Readonly<Record<string, Tensor>>;
  readonly deployed: Model;
  forward(x: Tensor): Heads;
}

/** Trains one student; undefined if it was interrupted. */
export async function trainStudent(method: Method, task: StudentTask): Promise<Student | undefined> {
  const { config, data, teacher, outlier, seed, backend, onReading, signal } = task;
  const network = networkOf(method, config, seed, backend);
  const options = methodOptions(config);
  const dispose = () => {
    for (const x of Object.values(network.parameters)) x.dispose();
  };
  const isDone = await fit({
    backend,
    parameters: network.parameters,
    columns: {
      x: { values: data.x, width: 1 },
      label: { values: data.label, width: 1 },
      teacher: { values: teacher, width: 1 },
      outlier: { values: outlier, width: 1 },
    },
    loss: ({ x, ...batch }) => method.loss(network.forward(x), batch, options),
    steps: studentSteps(config),
    batchSize: config.batchSize,
    learningRate: config.learningRate,
    seed,
    where: `${method.name}, seed ${seed}`,
    onReading: (reading) => onReading(reading, network.deployed.forward),
    signal,
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
function networkOf(method: Method, config: StudyConfig, seed: number, backend: Backend): Network {
  const { widths, activation } = parseNetwork(config.student, '--student');
  if (method.hasTwoHeads) {
    const model = dualHead({ backend, widths, activation, seed });
    return { parameters: model.parameters, deployed: model.labelOnly(), forward: model.forward };
  }
  const model = mlp({ backend, widths, activation, seed });
  return { parameters: model.parameters, deployed: model, forward: (x) => ({ pred: model.forward(x) }) };
}

function methodOptions({ outlierBranch, eps, teacherWeight }: StudyConfig): MethodOptions {
  return { outlierBranch, eps, teacherWeight, alpha: 0.5, delta: 1 };
}

async function headErrors({ forward }: Network, data: PreparedData): Promise<MethodResult['heads']> {
  const clean = data.dataset.test.y;
  const label = await predict((x) => forward(x).pred, data.testInputs, data.yScale);
  const teacher = await predict((x) => forward(x).teacherPred!, data.testInputs, data.yScale);
  const mean = label.map((value, i) => (value + teacher[i]!) / 2);
  return { label: rmse(label, clean), teacher: rmse(teacher, clean), mean: rmse(mean, clean) };
}
