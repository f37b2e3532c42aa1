/** Students of one method, one a seed, trained side by side and evaluated. */
import { everyRow } from '../datasets/dataset.ts';
import type { Aggregation } from '../base/aggregation.ts';
import { MethodContext } from '../methods/context.ts';
import { buildTraining, type ChosenMethod, stagePlan } from '../methods/chosen-method.ts';
import { studentOf, type StudyNetworks } from '../models/network.ts';
import { rmse } from '../tasks/regression.ts';
import { stepsOf } from '../train/fit.ts';
import { type BatchSource, preparationSteps, runTraining, shownSteps } from '../train/run-training.ts';
import { smallKernelOf } from '../train/small-kernel.ts';
import { deployedOf, type RowSet, type Stage, type StageHardness, type Training } from '../train/training.ts';
import { batchSource } from './data/batch-source.ts';
import { predict } from './data/evaluate.ts';
import type { PreparedData } from './data/prepared-data.ts';
import { learntRows } from './data/student-rows.ts';
import { validationOn } from './data/validation.ts';
import type { MethodResult, StudyConfig } from './results.ts';
import type { StudentsTask } from './students-task.ts';

export interface Students {
  /** In the order of the method's rows. */
  readonly each: readonly Student[];
  dispose(): void;
}

/** What comes out in one row, of all seeds. */
export interface Student {
  readonly deployed: StudyNetworks;
  /** Errors of each head for every seed, where several predict. */
  readonly heads?: readonly MethodResult['heads'][] | undefined;
  /** Of every seed the step of its weights, where rows were held out to choose it. */
  readonly bestSteps?: readonly number[] | undefined;
  /** And their errors on those rows. */
  readonly bestErrors?: readonly number[] | undefined;
  /** Where there are several: the student's steps before each. */
  readonly stages?: MethodResult['stages'];
  /** Of every seed. */
  readonly findings?: readonly NonNullable<MethodResult['findings']>[] | undefined;
  /** Of every seed, where stages learn from checkpoints of its teacher. */
  readonly hardness?: readonly (readonly StageHardness[])[] | undefined;
  /** Of every seed the mixtures of the teacher's layers that were found. */
  readonly aggregations?: readonly Aggregation[] | undefined;
}

/** Epochs that the orders of two sets of rows, or of two stages, are apart. */
const EPOCHS_APART = 2 ** 22;
const MOST_SETS = 16;

/** `rows` that they learn from, as planned unless the data are there. */
export function studentSteps(config: StudyConfig, rows = learntRows(config)): number {
  const { steps, epochs, batchSize } = config;
  return steps > 0 ? steps : stepsOf(epochs, rows, batchSize);
}

/** Updates that see each row once. */
function epochSteps(config: StudyConfig, rows = learntRows(config)): number {
  return rows / Math.min(config.batchSize, rows);
}

/** Steps of a method: those of what is trained before the students, and theirs. */
export function methodSteps(chosen: ChosenMethod, config: StudyConfig, rows?: number) {
  const plan = stagePlan(
    chosen,
    { ...config },
    { steps: studentSteps(config, rows), epochSteps: epochSteps(config, rows) },
  );
  const prepared = preparationSteps(plan);
  return { prepared, all: plan.reduce((sum, { steps }) => sum + steps, 0) };
}

/** Trains a student for every seed; undefined if it was interrupted. */
export async function trainMethod(chosen: ChosenMethod, task: StudentsTask): Promise<Students | undefined> {
  const { config, data, teacher, route, columns, backend, hooks } = task;
  const { seeds, inputs, outputs, shape, validationRows } = data;
  const { batchSize, learningRate } = config;
  const rows = data.studentRows?.[0]!.length;
  const steps = studentSteps(config, rows);
  const context = new MethodContext({
    ...{ backend, name: chosen.name, seeds, task: data.task, teacher, route, learningRate },
    sizes: { inputs, outputs, rows: batchSize, steps, epochSteps: epochSteps(config, rows) },
    studentOf(heads, arena, peer) {
      const name = peer?.text || config.student;
      const given = { backend, shape, seed: peer?.seed ?? seeds, arena };
      return studentOf(name, heads, given, peer ? '--peers' : '--student');
    },
    rows: data.studentRows ?? data.each.map(({ dataset }) => everyRow(dataset.train.rows)),
    aggregation: task.aggregation,
  });
  const names = seeds.map((each) => `${chosen.name}, seed ${each}`);
  const batchesOf = (stage: Stage, streams: number) => {
    const { rows = 'student' } = stage;
    const sets: Readonly<Record<string, RowSet>> = isOne(rows) ? { '': rows } : rows;
    const made: Record<string, BatchSource> = {};
    for (const [i, [name, set]] of Object.entries(sets).entries())
      if (set !== 'none')
        made[name] = batchSource(data, {
          ...{ backend, batchSize, seed: seeds, columns: { ...columns, ...stage.columns?.() } },
          rows: set === 'student' ? data.studentRows : set,
          firstEpoch: (streams * MOST_SETS + i) * EPOCHS_APART,
        });
    return made;
  };
  let training: Training | undefined;
  const dispose = () => {
    training?.dispose?.();
    context.dispose();
  };
  try {
    training = buildTraining(chosen, context, { ...config });
    const deployed = deployedOf<StudyNetworks>(training);
    const held = validationRows && validationOn(validationRows, data);
    const rows = { training: data.trainInputs, test: data.testInputs };
    const before = await training.examine?.(rows, 'before');
    const state = hooks.states?.('train');
    const trained = await runTraining(training, {
      ...{ backend, players: context.players, networks: context.networks, seeds: seeds.length },
      ...{ names, batchesOf, readings: data.readings },
      validate: held && ((network) => held.validate(deployed[network]!.forward)),
      smallKernel: smallKernelOf(config, hooks),
      ...{ onNonFinite: hooks.onNonFinite, signal: hooks.signal, pause: hooks.pause },
      onStage: (_, total) => context.beginStage(total),
      onNote: (text, index, network) => hooks.onNote?.(text, index, network),
      saved: state?.saved,
      async onReading(reading) {
        if (reading.stage.isPreparation) hooks.onPreparing(reading);
        else for (const [k, { forward }] of deployed.entries()) await hooks.onReading(reading, forward, k);
        await state?.offer(reading);
      },
    }).finally(() => held?.dispose());
    if (!trained) {
      dispose();
      return undefined;
    }
    const heads = training.heads && (await headErrors(training.heads, data));
    const hardness = await training.hardness?.();
    const stages = stageStarts(training.stages);
    const aggregations = await training.aggregations?.();
    const after = await training.examine?.(rows, 'after');
    const each = deployed.map((networks, k) => ({
      ...{ deployed: networks, heads, stages, hardness, aggregations },
      bestSteps: trained.bestSteps?.[k],
      bestErrors: trained.bestErrors?.[k],
      findings: before && seeds.map((_, i) => ({ before: before[k]![i]!, after: after![k]![i]! })),
    }));
    return { each, dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

function stageStarts(stages: readonly Stage[]): MethodResult['stages'] {
  const own = stages.filter(({ isPreparation }) => !isPreparation);
  if (own.length < 2) return undefined;
  return own.map(({ name }, i) => ({ name, from: shownSteps(own.slice(0, i)) }));
}

function isOne(rows: RowSet | Readonly<Record<string, RowSet>>): rows is RowSet {
  return typeof rows === 'string' || Array.isArray(rows);
}

/** Of each head, and of their mean. */
async function headErrors(
  heads: Readonly<Record<string, StudyNetworks['forward']>>,
  data: PreparedData,
): Promise<MethodResult['heads'][]> {
  const names = Object.keys(heads);
  const predicted: Float64Array[][] = [];
  for (const forward of Object.values(heads))
    predicted.push(await predict((input) => forward(input), data.testInputs, data.codings));
  return data.each.map(({ dataset: { test } }, i) => {
    const own = predicted.map((of) => of[i]!);
    const mean = own[0]!.map((_, row) => own.reduce((sum, of) => sum + of[row]!, 0) / own.length);
    const errors = names.map((name, k) => [name, rmse(own[k]!, test.y)] as const);
    return { ...Object.fromEntries(errors), mean: rmse(mean, test.y) };
  });
}
