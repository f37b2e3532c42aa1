/** The training loop. It knows steps, batches, metrics and interruptions; it knows no method by name. */
import type { Backend } from '../engine/backend.ts';
import { checkBackend, checkFunction, checkOptions, inWords } from '../engine/borders.ts';
import { capture, type CapturedStep } from '../engine/capture.ts';
import { gradientsOf } from '../engine/optim/flat-optimizer.ts';
import type { Optimizer } from '../engine/optim/optim.ts';
import type { Tensor } from '../engine/tensor.ts';
import type { Batches } from '../engine/data/batches.ts';
import { MetricRing } from '../engine/data/metric-ring.ts';
import { mean } from '../base/statistics.ts';
import { type SmallKernel, smallTrainingOf } from './small-kernel.ts';

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

const TURN_AFTER_MS = 200;
const KNOWN =
  'backend batches loss phaseOf optimizer steps readEvery onReading where onNonFinite signal pause smallKernel';

export interface Reading {
  /** Steps done. */
  step: number;
  /** Mean loss of the steps since the last reading. */
  loss: number;
  /** The same for every seed of an optimiser with `seeds`; `loss` is their mean. */
  losses: readonly number[];
}

export interface TrainOptions<N extends string> {
  backend: Backend;
  batches: Pick<Batches<N>, 'prepare' | 'batch'>;
  /**
   * The scalar to minimise, for one batch. Recorded, and freed after the step. On a GPU it runs twice; later steps
   * replay what it did (see `capture`), so that numbers it takes from JavaScript stay what they were.
   *
   * For an optimiser with `seeds` it is (seeds): a loss for each model. Their sum is differentiated, so each model gets
   * the gradient of its own.
   */
  loss(batch: Record<N, Tensor>, phase: string): Tensor;
  /**
   * Where steps differ in what they do: the name of the next one's kind, after so many steps. `loss` is given it, and
   * each kind is captured by itself. All steps are alike if it is left out.
   */
  phaseOf?(done: number): string;
  optimizer: Optimizer;
  steps: number;
  /** Steps between readings: nothing inside a step waits for the GPU. */
  readEvery: number;
  /** After every reading; return false to stop. */
  onReading?(reading: Reading): Promise<boolean | void>;
  /** For messages: 'tor-dual, seed 3'. For an optimiser with `seeds` one for each, or one for all. */
  where?: string | readonly string[] | undefined;
  /**
   * With several seeds: called once for each whose loss or gradient was not finite, while the others go on. Without it,
   * and when none is left, the error is thrown.
   */
  onNonFinite?(error: NonFiniteError, index: number): void;
  /** Stops after the present step, or a fifth of a second later. */
  signal?: AbortSignal | undefined;
  /** Asked before every step, or every dispatch of several; training waits for a promise that it returns. */
  pause?(): Promise<void> | undefined;
  /**
   * Where the training is one of a small network, a kernel does many of its steps in one dispatch, with the same bits
   * (docs/small-networks.md). Ordinary steps if left out.
   */
  smallKernel?: SmallKernel | undefined;
}

/**
 * Trains and returns the number of steps done.
 *
 * @throws NonFiniteError naming the first bad step; DeviceLostError. Error for an optimiser that has met one before: it
 *   would update nothing.
 */
export async function train<N extends string>(options: TrainOptions<N>): Promise<number> {
  checkOptions('train', options, KNOWN, true);
  checkBackend('train', options.backend);
  checkFunction('train', 'loss', options.loss);
  if (typeof options.batches?.batch !== 'function')
    throw new Error(`train: batches must be Batches, got ${inWords(options.batches)}`);
  if (typeof options.optimizer?.step !== 'function')
    throw new Error(`train: optimizer must be one such as adam(…), got ${inWords(options.optimizer)}`);
  const {
    backend,
    batches,
    loss,
    phaseOf = () => '',
    optimizer,
    steps,
    readEvery,
    onReading,
    where: given = 'training',
    onNonFinite,
    signal,
    pause,
    smallKernel,
  } = options;
  const count = optimizer.seeds ?? 1;
  const names = typeof given === 'string' ? Array<string>(count).fill(given) : given;
  const where = names[0]!;
  for (const [name, value] of Object.entries({ steps, readEvery })) {
    if (!(Number.isInteger(value) && value >= 1))
      throw new Error(`${where}: ${name} must be at least 1, got ${value}`);
  }
  if (backend.step.owner) {
    throw new Error(`${where}: ${backend.step.owner} is training on this backend; await it, or open another`);
  }
  const ring = new MetricRing(readEvery, backend, { count });
  const failures = new Map<number, NonFiniteError>();
  backend.step.owner = where;
  const before = backend.step.number;
  const captured = new Map<string, CapturedStep<void>>();
  const captureOf = (phase: string) =>
    capture(
      () => {
        const value = loss(batches.batch(), phase);
        optimizer.step(gradientsOf(optimizer, value));
        ring.store(value);
      },
      backend,
      { where },
    );
  let small: Awaited<ReturnType<typeof smallTrainingOf>>;
  let read = 0;
  let done = 0;
  let lastTurn = performance.now();
  try {
    const frozen = (await optimizer.firstSkippedSteps()).find((step) => step > 0);
    if (frozen !== undefined)
      throw new Error(
        `${where}: ${optimizer.name} has skipped step ${frozen}, whose gradient was not finite, and all since; ` +
          'train with another optimiser, or from a checkpoint before that step',
      );
    if (smallKernel) {
      const given = { backend, batches, optimizer, ring, steps, hasPhases: options.phaseOf !== undefined };
      small = await smallTrainingOf(smallKernel, {
        ...given,
        loss: (batch) => loss(batch as Record<N, Tensor>, ''),
      });
    }
    while (done < steps && !signal?.aborted) {
      const pausing = pause?.();
      if (pausing) {
        await pausing;
        if (signal?.aborted) break;
      }
      if (small) {
        const next = Math.min(small.mostSteps, steps - done, readEvery - (done - read));
        small.run(done, next);
        done += next;
      } else {
        batches.prepare(done);
        const phase = phaseOf(done);
        const step = captured.get(phase) ?? captureOf(phase);
        captured.set(phase, step);
        step();
        done++;
      }
      // Signals and timers get their turn, however far apart the readings are: those alone may resolve without one.
      if (performance.now() - lastTurn > TURN_AFTER_MS) {
        await new Promise((resolve) => setTimeout(resolve, 0));
        lastTurn = performance.now();
      }
      if (done - read < readEvery && done < steps) continue;

      const values = await ring.read(before + read + 1, before + done);
      const skipped = await optimizer.firstSkippedSteps();
      for (const [index, own] of values.entries()) {
        const bad = firstBad(own, skipped[index]! - before, read);
        if (failures.has(index) || bad === undefined) continue;
        const error = new NonFiniteError(bad, names[index]!);
        failures.set(index, error);
        if (!onNonFinite) throw error;
        onNonFinite(error, index);
      }
      if (failures.size === count) throw failures.get(0);
      read = done;
      const losses = values.map(mean);
      if ((await onReading?.({ step: done, loss: mean(losses), losses })) === false) break;
    }
    return done;
  } finally {
    backend.step.owner = undefined;
    for (const step of captured.values()) step.dispose();
    small?.dispose();
    ring.dispose();
  }
}

/** The first step whose loss was not finite or whose update was skipped; `skipped` counts from this training. */
function firstBad(losses: readonly number[], skipped: number, read: number): number | undefined {
  const badLoss = losses.findIndex((value) => !Number.isFinite(value));
  const first = Math.min(skipped > 0 ? skipped : Infinity, badLoss >= 0 ? read + badLoss + 1 : Infinity);
  return first < Infinity ? first : undefined;
}
