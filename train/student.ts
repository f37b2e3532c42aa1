/** Students of one method, one a seed: built, trained side by side on labels and teachers' predictions, evaluated. */
import type { Backend } from '../engine/backend.ts';
import { noGrad } from '../engine/tape.ts';
import type { Tensor } from '../engine/tensor.ts';
import type { Seeds } from '../models/parameters.ts';
import { predict, rmse } from './evaluate.ts';
import { fit, stepsOf } from './fit.ts';
import { concatenated } from './inputs.ts';
import type { NonFiniteError, Reading } from './loop.ts';
import { type HintRegressor, hintRegressor } from './hint-regressor.ts';
import { type Adversary, adversary } from './methods/adversary.ts';
import { type MatchedLossOptions, type MatchedMethod, matchedLoss } from './methods/matched-method.ts';
import type { Method } from './methods/method.ts';
import {
  disposeNetworks,
  type NetworkInput,
  type StudentNetworks,
  studentOf,
  type StudyNetworks,
} from './network.ts';
import { type PreparedData, rowsOf } from './prepared-data.ts';
import { RampSlots } from './ramp.ts';
import type { MethodResult, StudyConfig } from './results.ts';
import { learntRows } from './student-rows.ts';
import { validationOn } from './validation.ts';

export interface Students {
  /** The deployed networks, without a teacher head. */
  readonly deployed: StudyNetworks;
  /** Errors of each head for every seed, for students with two. */
  readonly heads: readonly MethodResult['heads'][] | undefined;
  /** Of every seed the step of its weights, where rows were held out to choose it. */
  readonly bestSteps: readonly number[] | undefined;
  dispose(): void;
}

/** What training tells of itself, and what stops it. */
export interface TrainingHooks {
  onReading(reading: Reading, forward: (input: NetworkInput) => Tensor): Promise<void>;
  /** Of what is trained before the students; its steps are not theirs. */
  onPreparing(reading: Reading): void;
  onNonFinite(error: NonFiniteError, index: number): void;
  signal: AbortSignal;
  pause?(): Promise<void> | undefined;
}

export interface StudentsTask {
  config: StudyConfig;
  data: PreparedData;
  /** Undefined for methods that need none. */
  teachers: StudyNetworks | undefined;
  /** Of every seed, a number for each label of the training rows: `teacher`, `outlier`, and what else methods need. */
  columns: Readonly<Record<string, readonly Float32Array[]>>;
  backend: Backend;
  hooks: TrainingHooks;
}

/** `rows` that they learn from, as planned unless the data are there. */
export function studentSteps(config: StudyConfig, rows = learntRows(config)): number {
  const { steps, epochs, batchSize } = config;
  return steps > 0 ? steps : stepsOf(epochs, rows, batchSize);
}

/** Steps of what is trained before the students: most methods have none. */
export function preparationSteps({ method }: MatchedMethod, { impressionSteps }: StudyConfig): number {
  return method.isPrepared ? impressionSteps : 0;
}

/** Trains a student for every seed; undefined if it was interrupted. */
export async function trainStudents(
  matched: MatchedMethod,
  task: StudentsTask,
): Promise<Students | undefined> {
  const { config, data, teachers, backend, hooks } = task;
  const { method } = matched;
  const seed = data.networkSeed;
  const networks = studentOf(config.student, method, { backend, shape: data.shape, seed });
  const regressor = regressorOf(method, { networks, teachers, backend, seed });
  const { seeds, inputs, outputs, studentRows: rows, validationRows } = data;
  const steps = studentSteps(config, rows?.[0]!.length);
  const slots = new RampSlots(backend, steps);
  const options = matchedOptions(config, data, slots);
  const where = seeds.map((each) => `${matched.name}, seed ${each}`);
  const synthetic = method.synthetic?.({
    ...config,
    ...{ backend, seeds, inputs, outputs, steps },
    rows: config.batchSize,
  });
  const rival = adversaryOf(matched, task);
  const held = validationRows && validationOn(validationRows, data, networks.deployed.forward);
  const dispose = () => {
    disposeNetworks(networks);
    for (const x of Object.values(regressor?.parameters ?? {})) x.dispose();
  };
  const column = (tables: readonly Float32Array[]) => ({
    values: concatenated(tables.map((table, i) => rowsOf(table, data.outputs, rows?.[i]))),
    width: data.outputs,
  });
  const given = Object.entries(task.columns).map(([name, tables]) => [name, column(tables)] as const);
  const prepare = async () => {
    const teacher = (points: Tensor) => teachers!.forward({ x: points });
    const { onNonFinite, signal, pause } = hooks;
    const onReading = async (reading: Reading) => hooks.onPreparing(reading);
    return (await synthetic?.prepare?.(teacher, { where, onNonFinite, signal, pause, onReading })) ?? true;
  };
  const train = () =>
    fit({
      backend,
      parameters: { ...networks.parameters, ...regressor?.parameters },
      buffers: networks.buffers,
      columns: { ...data.columns(rows), ...Object.fromEntries(given) },
      loss(batch, phase) {
        const { x, extras } = data.batchInput(batch);
        const student = (points: Tensor) => {
          const heads = networks.heads({ x: points, extras }, { training: true });
          return regressor ? { ...heads, features: regressor.forward(heads.features!) } : heads;
        };
        const teacher = (points: Tensor) => teachers!.forward({ x: points, extras });
        const pair = { teacher, student: (points: Tensor) => student(points).pred };
        if (synthetic) return synthetic.loss(pair, phase);
        const teacherFeatures = method.needs?.includes('teacherFeatures')
          ? noGrad(() => teachers!.features!({ x, extras }))
          : undefined;
        const targets = { ...targetsOf(batch), ...(teacherFeatures ? { teacherFeatures } : {}) };
        const ascent = rival?.points(pair, { rows: x.shape[1]!, phase }) ?? options.matching.ascent;
        const matching = { ...options.matching, ascent };
        return matchedLoss(matched, { x, ...targets }, { teacher, student }, { ...options, matching });
      },
      phaseOf: (synthetic ?? rival)?.phaseOf,
      steps,
      batchSize: config.batchSize,
      readings: data.readings,
      learningRate: config.learningRate,
      seed,
      validate: held?.validate,
      where,
      ...hooks,
      onReading: (reading) => hooks.onReading(reading, networks.deployed.forward),
    });
  const fitted = await prepare()
    .then((isPrepared) => (isPrepared ? train() : undefined))
    .finally(() => {
      synthetic?.dispose();
      rival?.dispose();
      held?.dispose();
      slots.free();
    });
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

/** Of the add-on `abm`, where a network makes its points. */
function adversaryOf(
  { addOns }: MatchedMethod,
  { config, data, backend }: StudentsTask,
): Adversary | undefined {
  if (config.abm !== 'generator' || !addOns.includes('abm')) return undefined;
  const { seeds, inputs } = data;
  return adversary({ backend, seeds, inputs, every: config.generatorEvery });
}

/** Of methods that compare features of different widths. */
function regressorOf(
  { hasRegressor }: Method,
  {
    networks,
    teachers,
    ...given
  }: Pick<StudentsTask, 'teachers' | 'backend'> & { networks: StudentNetworks; seed: Seeds },
): HintRegressor | undefined {
  if (!hasRegressor) return undefined;
  const studentFeatures = networks.deployed.featureCount!;
  return hintRegressor({ ...given, studentFeatures, teacherFeatures: teachers!.featureCount! });
}

function targetsOf({
  label,
  teacher,
  outlier,
  attention,
  teacherVariance,
}: Readonly<Record<string, Tensor>>) {
  return {
    label: label!,
    teacher: teacher!,
    outlier: outlier!,
    ...(attention ? { attention } : {}),
    ...(teacherVariance ? { teacherVariance } : {}),
  };
}

function matchedOptions(
  config: StudyConfig,
  { leadingAxes, networkSeed }: PreparedData,
  ramps: RampSlots,
): MatchedLossOptions {
  const { outlierBranch, eps, teacherWeight, perturbation, sigma, slopes } = config;
  const [pm, abm, gm] = [config.pmWeight, config.abmWeight, config.gmWeight].map((ramp) => ramps.of(ramp));
  return {
    ...{ outlierBranch, eps, teacherWeight, alpha: 0.5, delta: 1, leadingAxes },
    matching: {
      perturbation,
      sigma: ramps.of(sigma),
      ascent: { steps: config.ascentSteps, stepSize: config.ascentSize },
      slopes: slopes === 'exact' ? slopes : {},
      seed: networkSeed,
    },
    weights: { pm, abm, gm },
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
