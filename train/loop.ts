/** The training loop. It knows steps, batches, metrics and interruptions; it knows no method by name. */
import type { Backend } from '../engine/backend.ts';
import { capture } from '../engine/capture.ts';
import { grad } from '../engine/grad.ts';
import type { Optimizer } from '../engine/optim.ts';
import type { Tensor } from '../engine/tensor.ts';
import type { Batches } from '../engine/batches.ts';
import { MetricRing } from '../engine/metric-ring.ts';

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

export interface Reading {
  /** Steps done. */
  step: number;
  /** Mean loss of the steps since the last reading. */
  loss: number;
}

export interface TrainOptions<N extends string> {
  backend: Backend;
  batches: Batches<N>;
  /**
   * The scalar to minimise, for one batch. Recorded, and freed after the step. On a GPU it runs twice; later steps
   * replay what it did (see `capture`), so that numbers it takes from JavaScript stay what they were.
   */
  loss(batch: Record<N, Tensor>): Tensor;
  optimizer: Optimizer;
  steps: number;
  /** Steps between readings: nothing inside a step waits for the GPU. */
  readEvery: number;
  /** After every reading; return false to stop. */
  onReading?(reading: Reading): Promise<boolean | void>;
  /** For messages: 'tor-dual, seed 3'. */
  where?: string;
  /** Stops after the present step, or a fifth of a second later. */
  signal?: AbortSignal;
}

/**
 * Trains and returns the number of steps done.
 *
 * @throws NonFiniteError naming the first bad step; DeviceLostError.
 */
export async function train<N extends string>(options: TrainOptions<N>): Promise<number> {
  const {
    backend,
    batches,
    loss,
    optimizer,
    steps,
    readEvery,
    onReading,
    where = 'training',
    signal,
  } = options;
  const parameters = Object.values(optimizer.parameters);
  for (const [name, value] of Object.entries({ steps, readEvery })) {
    if (!(Number.isInteger(value) && value >= 1))
      throw new Error(`${where}: ${name} must be at least 1, got ${value}`);
  }
  if (backend.step.owner) {
    throw new Error(`${where}: ${backend.step.owner} is training on this backend; await it, or open another`);
  }
  const ring = new MetricRing(readEvery, backend);
  backend.step.owner = where;
  const before = backend.step.number;
  const step = capture(
    () => {
      const value = loss(batches.batch());
      optimizer.step(grad(value, parameters));
      ring.store(value);
    },
    backend,
    { where },
  );
  let read = 0;
  let done = 0;
  let lastTurn = performance.now();
  try {
    while (done < steps && !signal?.aborted) {
      batches.prepare(done);
      step();
      done++;
      // Signals and timers get their turn, however far apart the readings are: those alone may resolve without one.
      if (performance.now() - lastTurn > TURN_AFTER_MS) {
        await new Promise((resolve) => setTimeout(resolve, 0));
        lastTurn = performance.now();
      }
      if (done - read < readEvery && done < steps) continue;

      const losses = await ring.read(before + read + 1, before + done);
      await checkFinite(losses, read, optimizer, { before, where });
      read = done;
      const mean = losses.reduce((sum, value) => sum + value, 0) / losses.length;
      if ((await onReading?.({ step: done, loss: mean })) === false) break;
    }
    return done;
  } finally {
    backend.step.owner = undefined;
    step.dispose();
    ring.dispose();
  }
}

async function checkFinite(
  losses: readonly number[],
  read: number,
  optimizer: Optimizer,
  { before, where }: { before: number; where: string },
): Promise<void> {
  const skipped = await optimizer.firstSkippedStep();
  const badLoss = losses.findIndex((value) => !Number.isFinite(value));
  const first = Math.min(
    skipped > 0 ? skipped - before : Infinity,
    badLoss >= 0 ? read + badLoss + 1 : Infinity,
  );
  if (first < Infinity) throw new NonFiniteError(first, where);
}
