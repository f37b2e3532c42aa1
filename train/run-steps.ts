/** Steps of one kind after another, captured, with readings now and then. It knows neither losses nor optimisers. */
import { mean } from '../base/statistics.ts';
import type { Backend } from '../engine/backend.ts';
import { capture, type CapturedStep } from '../engine/capture.ts';
import { MetricRing } from '../engine/data/metric-ring.ts';
import { Tensor } from '../engine/tensor.ts';
import type { Signals, Stage } from './training.ts';

/** @throws Error where another training has the backend's steps: two at once would mix up their numbers. */
export function checkFree({ step }: Backend, where: string): void {
  if (step.owner)
    throw new Error(`${where}: ${step.owner} is training on this backend; await it, or open another`);
}

/** A loss or a gradient was not finite. An update with such a gradient is skipped, so the weights stay finite. */
export class NonFiniteError extends Error {
  override readonly name = 'NonFiniteError';
  readonly exitCode = 1;
  readonly step: number;

  constructor(step: number, where: string) {
    super(
      `${where}: the loss or its gradient is not finite at step ${step}; the update was skipped, the weights are ` +
        'finite. A smaller learning rate often cures it, unless the data themselves hold such a value',
    );
    this.step = step;
  }
}

export interface Reading {
  /** Steps done. */
  step: number;
  /** Mean loss of the steps since the last reading. */
  loss: number;
  /** The same for every seed of networks side by side; `loss` is their mean. */
  losses: readonly number[];
  /** Of each model and each of its networks: what was asked for by name. */
  signals: readonly (readonly Signals[])[];
}

/** What may stop or hold up a training, and who hears of a loss that is not finite. */
export interface StepHooks {
  /**
   * With several seeds: called once for each whose loss or gradient was not finite, while the others go on. Without it,
   * and when none is left, the error is thrown.
   */
  onNonFinite?(error: NonFiniteError, index: number): void;
  /** Stops after the present step, or a fifth of a second later. */
  signal?: AbortSignal | undefined;
  /** Asked before every step, or every dispatch of several; training waits for a promise that it returns. */
  pause?(): Promise<void> | undefined;
}

/** Steps that the GPU does on its own. */
export interface SmallSteps {
  /** Of a dispatch. */
  readonly mostSteps: number;
  /** The steps that come after so many. */
  run(done: number, steps: number): void;
  dispose(): void;
}

export interface StepsOptions extends StepHooks {
  readonly backend: Backend;
  /** Models side by side; of each there is a name for messages. */
  readonly names: readonly string[];
  readonly steps: number;
  /** Steps done before; `backend.step` is where they have left it. */
  readonly done?: number;
  /** Steps between readings: nothing inside a step waits for the GPU. */
  readonly readEvery: number;
  /** Where a kernel may do many steps in one dispatch, with the same bits; undefined where it cannot. */
  small?(ring: MetricRing): Promise<SmallSteps | undefined>;
  /** Called before the step that comes after so many. */
  prepare?(done: number): void;
  phaseOf?(done: number): string;
  /** What a step does, captured once a phase; its loss, a number a model, and signals, a number a model and network. */
  step(phase: string): ReturnType<Stage['step']>;
  readonly signals?: readonly string[] | undefined;
  /** Networks of a model that signals are of: 1 unless given. */
  readonly networks?: number;
  /** Of each model the step of the backend in which an update was skipped first, or 0. */
  skippedSteps(): Promise<readonly number[]>;
  /** Models that have failed before, and those that fail; by their place. */
  readonly failures?: Map<number, NonFiniteError>;
  /** After so many steps something is to be looked at, besides the readings. */
  readonly stops?: ReadonlyMap<number, () => Promise<void>> | undefined;
  /** After every reading; return false to stop. */
  onReading?(reading: Reading): Promise<boolean | void>;
}

const TURN_AFTER_MS = 200;

/**
 * Returns the number of steps done, those before among them.
 *
 * @throws NonFiniteError naming the first bad step; DeviceLostError.
 */
export async function runSteps(options: StepsOptions): Promise<number> {
  const { backend, names, steps, readEvery, phaseOf = () => '', signal, pause } = options;
  const { done: from = 0, failures = new Map<number, NonFiniteError>(), networks = 1 } = options;
  const where = names[0]!;
  const count = names.length;
  const ring = new MetricRing(readEvery, backend, { count });
  const signals = (options.signals ?? []).map(
    (name) => [name, new MetricRing(readEvery, backend, { count: count * networks })] as const,
  );
  backend.step.owner = where;
  const before = backend.step.number - from;
  const captured = new Map<string, CapturedStep<void>>();
  const store = (made: ReturnType<Stage['step']>) => {
    const all = made instanceof Tensor ? { loss: made } : made;
    ring.store(all.loss);
    for (const [name, own] of signals) own.store(signalOf(all, name, where));
  };
  const captureOf = (phase: string) => capture(() => store(options.step(phase)), backend, { where });
  const stopSteps = [...(options.stops?.keys() ?? [])];
  const toStop = (after: number) =>
    Math.min(...stopSteps.filter((step) => step > after).map((step) => step - after));
  let read = from;
  let done = from;
  let lastTurn = performance.now();
  let small: SmallSteps | undefined;
  try {
    if (from < steps) small = await options.small?.(ring);
    while (done < steps && !signal?.aborted) {
      const pausing = pause?.();
      if (pausing) {
        await pausing;
        if (signal?.aborted) break;
      }
      if (small) {
        const next = Math.min(small.mostSteps, steps - done, readEvery - (done - read), toStop(done));
        small.run(done, next);
        done += next;
      } else {
        options.prepare?.(done);
        const phase = phaseOf(done);
        const step = captured.get(phase) ?? captureOf(phase);
        captured.set(phase, step);
        step();
        done++;
        if (backend.step.number !== before + done)
          throw new Error(
            `${where}: a step updates one player twice; give it the sum of its losses, or a second player`,
          );
      }
      await options.stops?.get(done)?.();
      // Signals and timers get their turn, however far apart the readings are: those alone may resolve without one.
      if (performance.now() - lastTurn > TURN_AFTER_MS) {
        await new Promise((resolve) => setTimeout(resolve, 0));
        lastTurn = performance.now();
      }
      if (done - read < readEvery && done < steps) continue;

      const values = await ring.read(before + read + 1, before + done);
      const skipped = await options.skippedSteps();
      for (const [index, own] of values.entries()) {
        const bad = firstBad(own, skipped[index]! - before, read);
        if (failures.has(index) || bad === undefined) continue;
        const error = new NonFiniteError(bad, names[index]!);
        failures.set(index, error);
        if (!options.onNonFinite) throw error;
        options.onNonFinite(error, index);
      }
      if (failures.size === count) throw failures.get(0);
      const heard = { from: before + read + 1, to: before + done, models: count, networks };
      const means = await meansOf(signals, heard);
      read = done;
      const losses = values.map(mean);
      const reading = { step: done, loss: mean(losses), losses, signals: means };
      if ((await options.onReading?.(reading)) === false) break;
    }
    return done;
  } finally {
    backend.step.owner = undefined;
    for (const step of captured.values()) step.dispose();
    small?.dispose();
    ring.dispose();
    for (const [, own] of signals) own.dispose();
  }
}

function signalOf(made: Readonly<Record<string, Tensor>>, name: string, where: string): Tensor {
  const x = made[name];
  if (x) return x;
  throw new Error(
    `${where}: a step gives ${Object.keys(made).join(', ')}, and its stage has the signal '${name}'`,
  );
}

/** Of each model and network the mean of every signal over some steps. */
async function meansOf(
  signals: readonly (readonly [string, MetricRing])[],
  { from, to, models, networks }: { from: number; to: number; models: number; networks: number },
): Promise<Signals[][]> {
  const read: (readonly [string, number[]])[] = [];
  for (const [name, ring] of signals) read.push([name, (await ring.read(from, to)).map(mean)]);
  const of = (place: number) => Object.fromEntries(read.map(([name, all]) => [name, all[place]!]));
  return Array.from({ length: models }, (_, i) =>
    Array.from({ length: networks }, (__, k) => of(i * networks + k)),
  );
}

/** The first step whose loss was not finite or whose update was skipped; `skipped` counts from this training. */
function firstBad(losses: readonly number[], skipped: number, read: number): number | undefined {
  const badLoss = losses.findIndex((value) => !Number.isFinite(value));
  const first = Math.min(skipped > 0 ? skipped : Infinity, badLoss >= 0 ? read + badLoss + 1 : Infinity);
  return first < Infinity ? first : undefined;
}
