/**
 * Teachers, one a seed, and what they predict for the training set. A teacher that has memorised the outliers would reject none
 * of them, so it may stop early, or predict every sample by a network that has not seen it.
 */
import type { Backend } from '../../engine/backend.ts';
import { permutation } from '../../engine/random.ts';
import { ensembleMoments } from '../../losses/ensemble-moments.ts';
import type { Named, Seeds } from '../../models/parameters.ts';
import { networkOutputs } from '../data/evaluate.ts';
import { seedsOf } from '../../models/roles.ts';
import { fit, stepsOf } from '../../train/fit.ts';
import { smallKernelOf } from '../../train/small-kernel.ts';
import type { Trained } from '../../train/run-training.ts';
import { batchSource } from '../data/batch-source.ts';
import { FOLDS, heldOut, VALIDATION_SHARE } from '../data/held-out.ts';
import { disposeNetworks, meanOf, networkOf, type StudyNetworks } from '../../models/network.ts';
import type { PreparedData } from '../data/prepared-data.ts';
import type { StudyConfig } from '../results.ts';
import { hostRandom } from '../data/seed-dataset.ts';
import type { TrainingHooks } from '../students-task.ts';
import type { Checkpoint } from './route.ts';
import { RouteNotes } from './route-notes.ts';
import { teacherSeedOf } from './teacher-options.ts';
import { teacherOrigin } from './teacher-origin.ts';
import { validationOn } from '../data/validation.ts';

/** Networks of the mode `ensemble`. */
const MEMBERS = 5;

/** The teachers of all seeds. */
export interface Teachers {
  /** For every seed the mean of its networks: one, or one a fold. Undefined where only predictions are known. */
  readonly networks: StudyNetworks | undefined;
  /** What each seed's put out for its training rows: standardised numbers, or logits. */
  readonly predictions: readonly Float32Array[];
  /** Of an ensemble: the variance of each of them. */
  readonly variances: readonly Float32Array[] | undefined;
  /** Checkpoints of their trainings, where some were asked for. */
  readonly route?: readonly Checkpoint[];
  dispose(): void;
}

/** Teachers with networks. */
export type TeacherNetworks = Teachers & { readonly networks: StudyNetworks };

interface TeacherSteps {
  readonly networks: number;
  /** Over which the rate of each is annealed. */
  readonly scheduled: number;
  /** That each takes of those. */
  readonly stepsEach: number;
}

/**
 * Steps of all networks of a teacher together, none of one that is not trained; an epoch is as long with whole groups as
 * with single rows held out.
 */
export function teacherSteps(config: StudyConfig): TeacherSteps {
  if (teacherOrigin(config) !== 'trained') return { networks: 0, scheduled: 0, stepsEach: 0 };
  const held = { plain: 0, ensemble: 0, 'out-of-fold': 1 / FOLDS, 'early-stopping': VALIDATION_SHARE };
  const rows = config.trainRows - Math.floor(config.trainRows * held[config.teacherMode]);
  const networks = { plain: 1, ensemble: MEMBERS, 'out-of-fold': FOLDS, 'early-stopping': 1 }[
    config.teacherMode
  ];
  const byEpochs = stepsOf(config.teacherEpochs, rows, config.batchSize);
  const all = config.teacherSteps > 0 ? config.teacherSteps : byEpochs;
  const scheduled = share(all, config.teacherSchedule);
  return { networks, scheduled, stepsEach: share(scheduled, config.teacherCheckpoint) };
}

/** At least one of some steps. */
function share(steps: number, part: number): number {
  return Math.max(1, Math.round(steps * part));
}

/**
 * Trains a teacher for every seed, side by side, with the task's loss on its noisy labels; undefined if it was
 * interrupted. The hooks' `step` counts over all networks of a teacher; `forward` is the network in training. Looking at it
 * for checkpoints, which a plain teacher has, changes no bit.
 */
export async function trainTeachers(
  config: StudyConfig,
  data: PreparedData,
  backend: Backend,
  hooks: TrainingHooks,
  checkpoints = 0,
): Promise<TeacherNetworks | undefined> {
  const { networks, stepsEach, scheduled } = teacherSteps(config);
  const hostSeed = (seed: number) => seedsOf('teacher', teacherSeedOf(config, seed)) as number;
  const orders = data.each.map(({ seed, dataset }) =>
    permutation(dataset.train.rows, { seed: hostSeed(seed) }),
  );
  const mode = config.teacherMode;
  const parts = data.each.map(({ seed, dataset }, i) =>
    heldOut(dataset.train, { mode, order: orders[i]!, random: hostRandom(hostSeed(seed)) }),
  );
  const none = new Uint32Array(0);
  const models: StudyNetworks[] = [];
  const route: Checkpoint[] = [];
  /** Of every network that predicts all rows; folds share one. */
  const members: Float32Array[][] = [];
  for (let k = 0; k < networks; k++) {
    const held = parts.map((part) => part[k] ?? none);
    const seed = seedOf(config, data, k);
    const model = newNetwork(config, data, backend, k);
    models.push(model);
    const count = mode === 'plain' ? Math.min(checkpoints, stepsEach) : 0;
    const notes = new RouteNotes(model, { data, backend, count, steps: stepsEach });
    const fitted = await fitTeachers(config, data, model, {
      kept: orders.map((order, i) => without(order, held[i]!)),
      validation: mode === 'early-stopping' ? held : undefined,
      seed,
      backend,
      stepsEach,
      part: String(k),
      scheduled,
      notes,
      hooks: {
        ...hooks,
        onReading: (reading) =>
          hooks.onReading({ ...reading, step: k * stepsEach + reading.step }, model.forward),
      },
    })
      .then(async (trained) => {
        if (trained) route.push(...(await notes.checkpoints()));
        return trained;
      })
      .catch((error: unknown) => {
        models.forEach(disposeNetworks);
        throw error;
      })
      .finally(() => notes.dispose());
    if (!fitted) {
      models.forEach(disposeNetworks);
      return undefined;
    }
    const isFold = mode === 'out-of-fold';
    if (!isFold || k === 0)
      members.push(data.each.map(({ dataset }) => new Float32Array(dataset.train.rows * data.outputs)));
    await predictRows(model, data, isFold ? held : orders, members.at(-1)!);
  }
  return { ...teachersOf(models, members), ...(route.length > 0 ? { route } : {}) };
}

/** Teachers with initial weights, to be filled, that predict what is given. */
export function newTeachers(
  config: StudyConfig,
  data: PreparedData,
  backend: Backend,
  given: Pick<Teachers, 'predictions' | 'variances' | 'route'>,
): TeacherNetworks {
  const { networks } = teacherSteps(config);
  const models = Array.from({ length: networks }, (_, k) => newNetwork(config, data, backend, k));
  return { ...teachersOf(models, [[...given.predictions]]), ...given };
}

/** Network k of every seed. */
export function newNetwork(
  config: StudyConfig,
  data: PreparedData,
  backend: Backend,
  k: number,
): StudyNetworks {
  const seed = seedOf(config, data, k);
  return networkOf(config.teacher, '--teacher', { backend, shape: data.shape, seed });
}

function seedOf(config: StudyConfig, { seeds }: PreparedData, k: number): Seeds {
  return seedsOf('teacher', teacherSeeds(config, seeds), k);
}

/** Of networks, batches and augmentation. */
function teacherSeeds(config: StudyConfig, seeds: readonly number[]): number[] {
  return seeds.map((seed) => teacherSeedOf(config, seed));
}

function without(order: Uint32Array, held: Uint32Array): Uint32Array {
  const isHeld = new Set(held);
  return order.filter((row) => !isHeld.has(row));
}

interface TeachersFit {
  /** Rows of every seed: those it learns from, and those that stop it early. */
  kept: readonly Uint32Array[];
  validation: readonly Uint32Array[] | undefined;
  seed: number | readonly number[];
  backend: Backend;
  stepsEach: number;
  /** Of the states that are saved. */
  part: string;
  scheduled: number;
  notes: RouteNotes;
  hooks: TrainingHooks;
}

async function fitTeachers(
  config: StudyConfig,
  data: PreparedData,
  model: StudyNetworks,
  { kept, validation, seed, backend, stepsEach, scheduled, part, notes, hooks }: TeachersFit,
): Promise<Trained | undefined> {
  const held = validation && validationOn(validation, data);
  const state = hooks.states?.(part);
  try {
    return await fit({
      backend,
      network: model,
      seeds: data.seeds.length,
      names: data.seeds.map((each) => `teacher, seed ${each}`),
      batchesOf: () => ({
        '': batchSource(data, {
          ...{ backend, batchSize: config.batchSize, seed, rows: kept },
          augmentationSeeds: teacherSeeds(config, data.seeds),
        }),
      }),
      loss({ x, extras, label }) {
        const pred = model.forward({ x: x!, extras }, { training: true });
        return data.task.supervised(pred, label!, { leadingAxes: 1 });
      },
      steps: stepsEach,
      scheduled,
      ...{ stops: notes.stops, state: notes.state },
      readings: data.readings,
      smallKernel: smallKernelOf(config, hooks),
      learningRate: config.teacherLearningRate,
      validate: held && (() => held.validate(model.forward)),
      ...{ onNonFinite: hooks.onNonFinite, signal: hooks.signal, pause: hooks.pause },
      saved: state?.saved,
      async onReading(reading) {
        await hooks.onReading(reading, model.forward);
        await state?.offer(reading);
      },
    });
  } finally {
    held?.dispose();
  }
}

/** Each seed's predictions for some of its rows. */
async function predictRows(
  model: StudyNetworks,
  data: PreparedData,
  rows: readonly Uint32Array[],
  into: readonly Float32Array[],
): Promise<void> {
  const predicted = await networkOutputs(model.forward, data.trainInputs);
  const { outputs } = data;
  for (const [i, values] of predicted.entries()) {
    for (const row of rows[i]!)
      for (let k = row * outputs; k < (row + 1) * outputs; k++) into[i]![k] = values[k]!;
  }
}

/** `members` hold each seed's standardised predictions for its training rows, a list a network. */
export function teachersOf(
  models: readonly StudyNetworks[],
  members: readonly Float32Array[][],
): TeacherNetworks {
  const named = (of: (model: StudyNetworks) => Named): Named =>
    Object.fromEntries(
      models.flatMap((model, k) =>
        Object.entries(of(model)).map(
          ([name, x]) => [models.length > 1 ? `fold.${k}.${name}` : name, x] as const,
        ),
      ),
    );
  const seeds = [...members[0]!.keys()];
  const moments =
    members.length > 1 ? seeds.map((i) => ensembleMoments(members.map((each) => each[i]!))) : undefined;
  const [only] = models;
  return {
    networks: {
      ...(models.length === 1 ? { taps: only!.taps, from: only!.from, shapes: only!.shapes } : {}),
      forward: meanOf(models),
      parameters: named((model) => model.parameters),
      buffers: named((model) => model.buffers),
      parameterCount: models.reduce((sum, model) => sum + model.parameterCount, 0),
      macs: models.reduce((sum, model) => sum + model.macs, 0),
    },
    predictions: moments ? moments.map(({ mean }) => mean) : members[0]!,
    variances: moments?.map(({ variance }) => variance),
    dispose: () => models.forEach(disposeNetworks),
  };
}
