/** Students of one method, one a seed: built, trained side by side on labels and teachers' predictions, evaluated. */
import { valuesFor } from '../base/option.ts';
import { predict, rmse } from './data/evaluate.ts';
import { fit, stepsOf } from '../train/fit.ts';
import { smallKernelOf } from '../train/small-kernel.ts';
import { concatenated } from './data/inputs.ts';
import type { MatchedMethod } from '../methods/matched-method.ts';
import { disposeNetworks, type StudentNetworks, studentOf, type StudyNetworks } from '../models/network.ts';
import { type PreparedData, rowsOf } from './data/prepared-data.ts';
import type { MethodResult, StudyConfig } from './results.ts';
import type { StudentsTask } from './students-task.ts';
import { studentObjective } from './student-objective.ts';
import { learntRows } from './data/student-rows.ts';
import { validationOn } from './data/validation.ts';

export interface Students {
  /** The deployed networks, without a teacher head. */
  readonly deployed: StudyNetworks;
  /** Errors of each head for every seed, for students with two. */
  readonly heads: readonly MethodResult['heads'][] | undefined;
  /** Of every seed the step of its weights, where rows were held out to choose it. */
  readonly bestSteps: readonly number[] | undefined;
  dispose(): void;
}

/** `rows` that they learn from, as planned unless the data are there. */
export function studentSteps(config: StudyConfig, rows = learntRows(config)): number {
  const { steps, epochs, batchSize } = config;
  return steps > 0 ? steps : stepsOf(epochs, rows, batchSize);
}

/** Steps of what is trained before the students: most methods have none. */
export function preparationSteps({ method }: MatchedMethod, config: StudyConfig): number {
  return method.preparationSteps?.(valuesFor(method.options, { ...config })) ?? 0;
}

/** Trains a student for every seed; undefined if it was interrupted. */
export async function trainStudents(
  matched: MatchedMethod,
  task: StudentsTask,
): Promise<Students | undefined> {
  const { config, data, backend, hooks } = task;
  const { method } = matched;
  const seed = data.networkSeed;
  const networks = studentOf(config.student, method, { backend, shape: data.shape, seed });
  const { studentRows: rows, validationRows, outputs } = data;
  const steps = studentSteps(config, rows?.[0]!.length);
  const where = data.seeds.map((each) => `${matched.name}, seed ${each}`);
  const objective = studentObjective(matched, task, { networks, steps, where });
  const held = validationRows && validationOn(validationRows, data, networks.deployed.forward);
  const column = (tables: readonly Float32Array[]) => ({
    values: concatenated(tables.map((table, i) => rowsOf(table, outputs, rows?.[i]))),
    width: outputs,
  });
  const given = Object.entries(task.columns).map(([name, tables]) => [name, column(tables)] as const);
  const train = () =>
    fit({
      backend,
      parameters: { ...networks.parameters, ...objective.parameters },
      buffers: networks.buffers,
      columns: { ...data.columns(rows), ...Object.fromEntries(given) },
      loss: objective.loss,
      phaseOf: objective.phaseOf,
      steps,
      batchSize: config.batchSize,
      readings: data.readings,
      learningRate: config.learningRate,
      seed,
      validate: held?.validate,
      where,
      // What makes points of its own, or has add-ons, does more in a step than networks and one loss.
      smallKernel: method.synthetic || matched.addOns.length > 0 ? undefined : smallKernelOf(config),
      ...hooks,
      onReading: (reading) => hooks.onReading(reading, networks.deployed.forward),
    });
  const fitted = await objective
    .prepare()
    .then((isPrepared) => (isPrepared ? train() : undefined))
    .finally(() => {
      objective.dispose();
      held?.dispose();
    });
  const dispose = () => disposeNetworks(networks);
  if (!fitted) {
    dispose();
    return undefined;
  }
  const hasTeacherHead = method.hasTwoHeads && method.secondHead !== 'variance';
  return {
    deployed: networks.deployed,
    heads: hasTeacherHead ? await headErrors(networks, data) : undefined,
    bestSteps: fitted.bestSteps,
    dispose,
  };
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
