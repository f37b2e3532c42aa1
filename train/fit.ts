/** One network, or one a seed side by side, trained from initial weights to the last (or best) ones. */
import type { Backend } from '../engine/backend.ts';
import { adam, type Parameters } from '../engine/optim/optim.ts';
import { where as select } from '../engine/ops/pointwise/elementwise.ts';
import { copyTo } from '../engine/ops/movement/copy-to.ts';
import { cosine } from '../engine/optim/schedules.ts';
import { outsideTidy, type Tensor, tensor, tidy, view, zeros } from '../engine/tensor.ts';
import { Batches, type Column } from '../engine/data/batches.ts';
import { type NonFiniteError, type Reading, train, type TrainOptions } from './loop.ts';

export interface FitOptions<N extends string> {
  backend: Backend;
  parameters: Parameters;
  /** What belongs to the weights without being trained: kept and restored with them. */
  buffers?: Parameters;
  /** The training set; batches have the same names. */
  columns: Readonly<Record<N, Column>>;
  loss: TrainOptions<N>['loss'];
  phaseOf?: TrainOptions<N>['phaseOf'];
  steps: number;
  batchSize: number;
  /** Peak of a cosine schedule that ends at zero. */
  learningRate: number;
  /** Of the shuffling. A list trains as many models side by side: parameters (seeds, …), batches and losses likewise. */
  seed: number | readonly number[];
  /**
   * Error on held-out rows of every model; for each, the weights with the smallest are kept. The last ones are if it is
   * left out.
   */
  validate?(): Promise<readonly number[]>;
  onReading?(reading: Reading): Promise<void>;
  readings?: number;
  /** One, or one a seed. */
  where: string | readonly string[];
  onNonFinite?(error: NonFiniteError, index: number): void;
  signal?: AbortSignal;
  pause?(): Promise<void> | undefined;
  /** As of `train`. */
  smallKernel?: TrainOptions<N>['smallKernel'];
}

/** Of a training that was not interrupted. */
export interface Fitted {
  /** With `validate`: the step of each model's weights. */
  readonly bestSteps: readonly number[] | undefined;
}

/** Times that a network is looked at while it trains, unless fewer are asked for. */
const READINGS = 40;

/** Trains with Adam; undefined if it was interrupted. */
export async function fit<N extends string>(options: FitOptions<N>): Promise<Fitted | undefined> {
  const {
    backend,
    parameters,
    buffers = {},
    columns,
    loss,
    phaseOf,
    steps,
    batchSize,
    learningRate,
    seed,
    validate,
    readings = READINGS,
    where,
    onNonFinite,
    signal,
    pause,
    smallKernel,
  } = options;
  backend.step.reset();
  const seeds = typeof seed === 'number' ? undefined : seed.length;
  const optimizer = adam(parameters, { learningRate: cosine(learningRate, { updates: steps }), seeds });
  const batches = new Batches(columns, backend, { batchSize, seed });
  const best = validate && new BestWeights({ ...parameters, ...buffers }, { seeds, steps });
  try {
    const done = await train({
      backend,
      batches,
      loss,
      phaseOf,
      optimizer,
      steps,
      readEvery: Math.max(1, Math.ceil(steps / readings)),
      where,
      onNonFinite,
      signal,
      pause,
      smallKernel,
      async onReading(reading) {
        if (validate) best?.offer(await validate(), reading.step);
        await options.onReading?.(reading);
      },
    });
    best?.restore();
    return done === steps ? { bestSteps: best?.steps } : undefined;
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

/** Each model's weights of its smallest error so far, copied on the GPU. */
class BestWeights {
  readonly #weights: readonly Tensor[];
  readonly #copies: readonly Tensor[];
  readonly #errors: number[];
  /** Of each model's copy; without one the last. */
  readonly steps: number[];

  constructor(parameters: Parameters, { seeds = 1, steps }: { seeds: number | undefined; steps: number }) {
    this.#weights = Object.values(parameters);
    this.#copies = this.#weights.map((x) =>
      outsideTidy(() => zeros(x.shape, x.backend, { label: 'best-weights' })),
    );
    this.#errors = Array<number>(seeds).fill(Infinity);
    this.steps = Array<number>(seeds).fill(steps);
  }

  offer(errors: readonly number[], step: number): void {
    const isBetter = errors.map((error, i) => error < this.#errors[i]!);
    for (const [i, better] of isBetter.entries()) {
      if (!better) continue;
      this.#errors[i] = errors[i]!;
      this.steps[i] = step;
    }
    this.#copy(this.#weights, this.#copies, isBetter);
  }

  restore(): void {
    const wasOffered = this.#errors.map((error) => error < Infinity);
    this.#copy(this.#copies, this.#weights, wasOffered);
  }

  dispose(): void {
    for (const x of this.#copies) x.dispose();
  }

  /** The chosen models' part of every tensor. */
  #copy(from: readonly Tensor[], to: readonly Tensor[], isChosen: readonly boolean[]): void {
    if (!isChosen.includes(true)) return;
    tidy(() => {
      const mask = tensor(isChosen.map(Number), [isChosen.length, 1], from[0]!.backend);
      for (const [k, x] of from.entries()) {
        const rows = [isChosen.length, x.size / isChosen.length];
        const chosen = select(mask, view(x, rows), view(to[k]!, rows));
        copyTo([chosen], to[k]!, { rows: 1, pitch: x.size, widths: [x.size], starts: [0] });
      }
    });
  }
}
