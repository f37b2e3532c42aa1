/**
 * Carries a training out: stage after stage, with readings, validation, the best weights kept, interruption, and the state
 * in which it can be taken up again. It knows no task and no method.
 */
import { UserError } from '../base/errors.ts';
import type { Backend } from '../engine/backend.ts';
import type { Batches } from '../engine/data/batches.ts';
import type { MetricRing } from '../engine/data/metric-ring.ts';
import type { Named } from '../models/parameters.ts';
import { BestWeights } from './best-weights.ts';
import type { Players } from './players.ts';
import { STAGE_STREAMS } from './ramp.ts';
import {
  checkFree,
  type NonFiniteError,
  type Reading,
  runSteps,
  type SmallSteps,
  type StepHooks,
} from './run-steps.ts';
import { type Heard, loadTraining, type Progress, saveTraining } from './saved-training.ts';
import { type SmallKernel, smallTrainingOf } from './small-kernel.ts';
import {
  type Batch,
  deployedOf,
  type Signals,
  type Stage,
  type StagePlan,
  type Training,
} from './training.ts';

/** Batches of one set of rows. */
export interface BatchSource {
  /** Called before the step that comes after so many. */
  prepare(done: number): void;
  batch(): Batch;
  /** Where batches are no more than what `Batches` has stored: those, and what a step makes of one of them. */
  readonly stored?: { readonly batches: Batches<string>; of(stored: Batch): Batch };
  dispose(): void;
}

export interface StageReading extends Reading {
  readonly stage: StagePlan;
  /** Whether the training ends with it. */
  readonly isLast: boolean;
  /** Writes down all that it takes to go on from here, in another process; with a text of the caller's, `notes` in its metadata. */
  save(notes?: string): Promise<Uint8Array>;
}

export interface RunOptions extends StepHooks {
  readonly backend: Backend;
  readonly players: Players;
  /** Networks, with their running statistics: what is saved of a training, besides what it has itself. */
  readonly networks: Named;
  /** Models side by side; undefined for one without an axis of seeds. */
  readonly seeds: number | undefined;
  /** For messages, one a model. */
  readonly names: readonly string[];
  /** Of a stage the batches of each set of rows, by name ('' for the only one); none for 'none'. */
  batchesOf(stage: Stage, streams: number): Readonly<Record<string, BatchSource>>;
  /** Called before a stage begins, also one that is taken up; `steps` are those of all that continue one another. */
  onStage?(stage: StagePlan, steps: number): void;
  /** Times that a stage is looked at, 40 unless given. */
  readonly readings?: number | undefined;
  /**
   * Error on held-out rows of every model's network number `network`; for each, the weights with the smallest are kept. The
   * last ones are if it is left out. Not called in a preparation.
   */
  validate?(network: number): Promise<readonly number[]>;
  /** What `Training.watch` says of a model's network, once. */
  onNote?(text: string, model: number, network: number): void;
  /** In `reading.step` the steps of preparations, or those of all other stages, are counted on. */
  onReading?(reading: StageReading): Promise<void>;
  /** Whether small networks are trained by a kernel, and how; ordinary steps if left out. */
  readonly smallKernel?: SmallKernel | undefined;
  /** After so many steps of the first stage something is to be looked at, besides the readings. */
  readonly stops?: ReadonlyMap<number, () => Promise<void>> | undefined;
  /** What `StageReading.save` has written. */
  readonly saved?: Uint8Array | undefined;
}

/** Of a training that was not interrupted. */
export interface Trained {
  /** With `validate`: of each network that is deployed the step of each model's weights. */
  readonly bestSteps: readonly (readonly number[])[] | undefined;
  /** And their errors. */
  readonly bestErrors: readonly (readonly number[])[] | undefined;
}

/** Times that a network is looked at while it trains, unless fewer are asked for. */
const READINGS = 40;

/** What is read of a training. */
interface Runnable extends Pick<Training, 'stages' | 'state' | 'watch' | 'observe'> {
  readonly deployed: Weights | { readonly peers: readonly Weights[] };
}

interface Weights {
  readonly parameters: Named;
  readonly buffers: Named;
}

/** Steps of what is deployed, without preparations. */
export function shownSteps(stages: readonly StagePlan[]): number {
  return stages.reduce((sum, { steps, isPreparation }) => sum + (isPreparation ? 0 : steps), 0);
}

export function preparationSteps(stages: readonly StagePlan[]): number {
  return stages.reduce((sum, { steps, isPreparation }) => sum + (isPreparation ? steps : 0), 0);
}

/**
 * Trains; undefined if it was interrupted. The training's own `dispose` is left to the caller.
 *
 * @throws NonFiniteError where a model fails and nobody listens, or none is left; UserError for a saved state that is of
 *   another training.
 */
export async function runTraining(training: Runnable, options: RunOptions): Promise<Trained | undefined> {
  const { stages, state = {} } = training;
  checkStages(stages, options.names[0]!);
  const { backend, seeds, players } = options;
  checkFree(backend, options.names[0]!);
  const deployed = deployedOf<Weights>(training);
  const kept = { seeds, steps: shownSteps(stages) };
  const best = options.validate
    ? deployed.map(({ parameters, buffers }) => new BestWeights({ ...parameters, ...buffers }, kept))
    : [];
  const heard: Heard = new Map();
  const watch = watcher(training.watch, heard, options);
  const failures = new Map<number, NonFiniteError>();
  const own = { backend, networks: options.networks, players, state, best, failures, stages, heard };
  try {
    const from: Progress = options.saved
      ? loadTraining(options.saved, own, options.names)
      : { stage: 0, done: 0, step: 0 };
    for (const [place, own] of heard) if (typeof own === 'string') options.onNote?.(own, ...placesOf(place));
    for (const [index, error] of failures) {
      if (!options.onNonFinite) throw error;
      options.onNonFinite(error, index);
    }
    for (const [index, stage] of stages.entries()) {
      if (index < from.stage) continue;
      const before = stages.slice(0, index).filter((each) => !each.isPreparation === !stage.isPreparation);
      const { offset, total } = placeOf(stages, index);
      const heads = before.filter((each) => !each.continues).length;
      const streams = stage.isPreparation ? 0 : heads - Number(stage.continues ?? false);
      const isTakenUp = index === from.stage && options.saved !== undefined;
      const done = isTakenUp ? from.done : 0;
      backend.step.begin(isTakenUp ? from.step : streams * STAGE_STREAMS + offset);
      players.restart();
      options.onStage?.(stage, total);
      await stage.before?.();
      const made = options.batchesOf(stage, streams);
      const sources = Object.entries(made);
      const [first] = Object.values(made);
      const shown = before.reduce((sum, { steps }) => sum + steps, 0);
      try {
        const reached = await runSteps({
          ...{ backend, names: options.names, steps: stage.steps, done, failures },
          ...{ onNonFinite: options.onNonFinite, signal: options.signal, pause: options.pause },
          readEvery: Math.max(1, Math.ceil(total / (options.readings ?? READINGS))),
          stops: index === 0 ? options.stops : undefined,
          prepare: (count) => sources.forEach(([, source]) => source.prepare(offset + count)),
          small: (ring) => smallOf(stage, { source: first, ring, offset, options }),
          phaseOf: stage.phaseOf && ((count) => stage.phaseOf!(offset + count)),
          ...{ signals: stage.signals, networks: deployed.length },
          step(phase) {
            const batches = Object.fromEntries(sources.map(([name, source]) => [name, source.batch()]));
            return stage.step({ batch: Object.values(batches)[0] ?? {}, batches, phase });
          },
          skippedSteps: () => players.skippedSteps(),
          async onReading(reading) {
            const step = shown + reading.step;
            if (!stage.isPreparation)
              for (const [k, each] of best.entries()) each.offer(await options.validate!(k), step);
            watch(reading.signals);
            await training.observe?.(stage, reading.step);
            const at = { stage: index, done: reading.step, step: backend.step.number };
            await options.onReading?.({
              ...{ ...reading, step, stage },
              isLast: index === stages.length - 1 && reading.step === stage.steps,
              save: (notes) => saveTraining(own, at, notes),
            });
          },
        });
        if (reached < stage.steps) return undefined;
        await stage.after?.();
      } finally {
        for (const [, source] of sources) source.dispose();
      }
    }
    for (const each of best) each.restore();
    const of = <T>(pick: (each: BestWeights) => T) => options.validate && best.map(pick);
    return { bestSteps: of(({ steps }) => steps), bestErrors: of(({ errors }) => errors) };
  } finally {
    for (const each of best) each.dispose();
  }
}

function placesOf(place: string): [model: number, network: number] {
  return place.split('/').map(Number) as [number, number];
}

/** Hears every reading's signals, and says of each network once what is wrong. */
function watcher(
  watch: Training['watch'],
  heard: Heard,
  { onNote }: Pick<RunOptions, 'onNote'>,
): (signals: readonly (readonly Signals[])[]) => void {
  return (signals) => {
    if (!watch || !onNote) return;
    for (const [model, networks] of signals.entries())
      for (const [network, own] of networks.entries()) {
        const place = `${model}/${network}`;
        const before = heard.get(place) ?? [];
        if (typeof before === 'string') continue;
        const all = [...before, own];
        const text = watch(all);
        heard.set(place, text ?? all);
        if (text !== undefined) onNote(text, model, network);
      }
  };
}

/** Steps of those that a stage continues, and of all that continue one another. */
function placeOf(stages: readonly StagePlan[], index: number): { offset: number; total: number } {
  let [first, end] = [index, index + 1];
  while (stages[first]!.continues) first--;
  while (stages[end]?.continues) end++;
  const stepsOf = (from: number, to: number) =>
    stages.slice(from, to).reduce((sum, { steps }) => sum + steps, 0);
  return { offset: stepsOf(first, index), total: stepsOf(first, end) };
}

interface SmallStage {
  readonly source: BatchSource | undefined;
  readonly ring: MetricRing;
  /** Steps of the stages that it continues. */
  readonly offset: number;
  readonly options: RunOptions;
}

async function smallOf(
  { only, step, steps, phaseOf }: Stage,
  { source, ring, offset, options: { backend, smallKernel } }: SmallStage,
): Promise<SmallSteps | undefined> {
  const { stored } = source ?? {};
  if (!smallKernel || !stored || only?.step !== step) return undefined;
  const small = await smallTrainingOf(smallKernel, {
    ...{ backend, batches: stored.batches, optimizer: only.player, ring, steps },
    hasPhases: phaseOf !== undefined,
    loss: (batch) => only.loss(stored.of(batch)),
  });
  return (
    small && {
      mostSteps: small.mostSteps,
      run: (done, count) => small.run(offset + done, count),
      dispose: () => small.dispose(),
    }
  );
}

function checkStages(stages: readonly Stage[], label: string): void {
  if (stages.length === 0) throw new UserError(`${label}: a training without stages`);
  const names = stages.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new UserError(`${label}: two stages are called '${twice}'`);
  const lost = stages.find(
    ({ continues, isPreparation }, i) =>
      continues && (i === 0 || stages[i - 1]!.isPreparation !== isPreparation),
  );
  if (lost) throw new UserError(`${label}: stage '${lost.name}' continues none of its kind`);
  const bad = stages.find(({ steps }) => !(Number.isInteger(steps) && steps >= 1 && steps < STAGE_STREAMS));
  if (bad)
    throw new UserError(
      `${label}: stage '${bad.name}' has ${bad.steps} steps; wants a whole number from 1 to ${STAGE_STREAMS - 1}`,
    );
}
