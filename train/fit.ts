/** One network, trained from its initial weights to its last (or best) ones. */
import type { Backend } from '../engine/backend.ts';
import { adam, type Parameters } from '../engine/optim.ts';
import { copyInto } from '../engine/ops/movement.ts';
import { cosine } from '../engine/schedules.ts';
import { outsideTidy, type Tensor, zeros } from '../engine/tensor.ts';
import { Batches, type Column } from '../engine/batches.ts';
import { type Reading, train } from './loop.ts';

export interface FitOptions<N extends string> {
  backend: Backend;
  parameters: Parameters;
  /** The training set; batches have the same names. */
  columns: Readonly<Record<N, Column>>;
  loss(batch: Record<N, Tensor>): Tensor;
  steps: number;
  batchSize: number;
  /** Peak of a cosine schedule that ends at zero. */
  learningRate: number;
  /** Of the shuffling. */
  seed: number;
  /** Error on held-out rows; the weights with the smallest are kept. The last ones are if it is left out. */
  validate?(): Promise<number>;
  onReading?(reading: Reading): Promise<void>;
  where: string;
  signal?: AbortSignal;
}

/** Times that a network is looked at while it trains. */
const READINGS = 40;

/** Trains with Adam; false if it was interrupted. */
export async function fit<N extends string>(options: FitOptions<N>): Promise<boolean> {
  const {
    backend,
    parameters,
    columns,
    loss,
    steps,
    batchSize,
    learningRate,
    seed,
    validate,
    where,
    signal,
  } = options;
  backend.step.reset();
  const optimizer = adam(parameters, { learningRate: cosine(learningRate, { updates: steps }) });
  const batches = new Batches(columns, backend, { batchSize, seed });
  const best = validate && new BestWeights(optimizer.state.parameters!);
  try {
    const done = await train({
      backend,
      batches,
      loss,
      optimizer,
      steps,
      readEvery: Math.max(1, Math.ceil(steps / READINGS)),
      where,
      signal,
      async onReading(reading) {
        if (validate) best?.offer(await validate());
        await options.onReading?.(reading);
      },
    });
    best?.restore();
    return done === steps;
  } finally {
    best?.dispose();
    batches.dispose();
    optimizer.dispose();
  }
}

/** Steps of an epoch's worth of batches times the epochs. */
export function stepsOf(epochs: number, rows: number, batchSize: number): number {
  return Math.max(1, Math.round((epochs * rows) / Math.min(batchSize, rows)));
}

/** The weights of the smallest error so far, copied on the GPU. */
class BestWeights {
  readonly #weights: Tensor;
  readonly #copy: Tensor;
  #error = Infinity;

  constructor(weights: Tensor) {
    this.#weights = weights;
    this.#copy = outsideTidy(() => zeros(weights.shape, weights.backend, { label: 'best-weights' }));
  }

  offer(error: number): void {
    if (!(error < this.#error)) return;
    this.#error = error;
    copyAll(this.#weights, this.#copy);
  }

  restore(): void {
    if (this.#error < Infinity) copyAll(this.#copy, this.#weights);
  }

  dispose(): void {
    this.#copy.dispose();
  }
}

function copyAll(from: Tensor, to: Tensor): void {
  copyInto([from], to, { rows: 1, pitch: from.size, widths: [from.size], starts: [0] });
}
