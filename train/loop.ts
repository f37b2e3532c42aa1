/** Training with one loss and one optimiser: the loop that programs call. */
import type { Backend } from '../engine/backend.ts';
import { checkBackend, checkFunction, checkOptions, inWords } from '../engine/borders.ts';
import type { Batches } from '../engine/data/batches.ts';
import { gradientsOf } from '../engine/optim/flat-optimizer.ts';
import type { Optimizer } from '../engine/optim/optim.ts';
import type { Tensor } from '../engine/tensor.ts';
import { type SmallKernel, smallTrainingOf } from './small-kernel.ts';
import { checkFree, type Reading, runSteps, type StepHooks } from './run-steps.ts';

const KNOWN =
  'backend batches loss phaseOf optimizer steps readEvery onReading where onNonFinite signal pause smallKernel';

export interface TrainOptions<N extends string> extends StepHooks {
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
  const { backend, batches, loss, phaseOf, optimizer, steps, readEvery, onReading } = options;
  const { where: given = 'training', onNonFinite, signal, pause, smallKernel } = options;
  const count = optimizer.seeds ?? 1;
  const names = typeof given === 'string' ? Array<string>(count).fill(given) : given;
  const where = names[0]!;
  for (const [name, value] of Object.entries({ steps, readEvery })) {
    if (!(Number.isInteger(value) && value >= 1))
      throw new Error(`${where}: ${name} must be at least 1, got ${value}`);
  }
  checkFree(backend, where);
  backend.step.owner = where;
  try {
    const frozen = (await optimizer.firstSkippedSteps()).find((step) => step > 0);
    if (frozen !== undefined)
      throw new Error(
        `${where}: ${optimizer.name} has skipped step ${frozen}, whose gradient was not finite, and all since; ` +
          'train with another optimiser, or from a checkpoint before that step',
      );
    return await runSteps({
      ...{ backend, names, steps, readEvery, phaseOf, onReading, onNonFinite, signal, pause },
      small: async (ring) =>
        smallKernel &&
        smallTrainingOf(smallKernel, {
          ...{ backend, batches, optimizer, ring, steps, hasPhases: phaseOf !== undefined },
          loss: (batch) => loss(batch as Record<N, Tensor>, ''),
        }),
      prepare: (done) => batches.prepare(done),
      step(phase) {
        const value = loss(batches.batch(), phase);
        optimizer.step(gradientsOf(optimizer, value));
        return value;
      },
      skippedSteps: () => optimizer.firstSkippedSteps(),
    });
  } finally {
    backend.step.owner = undefined;
  }
}
