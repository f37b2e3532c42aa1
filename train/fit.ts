/** One network, or one a seed side by side, trained with Adam and one loss: a training of a single stage. */
import type { Backend } from '../engine/backend.ts';
import { cosine } from '../engine/optim/schedules.ts';
import type { Tensor } from '../engine/tensor.ts';
import type { StudyNetworks } from '../models/network.ts';
import type { Named } from '../models/parameters.ts';
import { Players } from './players.ts';
import { type RunOptions, runTraining, type Trained } from './run-training.ts';
import type { Batch, RowSet } from './training.ts';

export interface FitOptions
  extends Pick<
    RunOptions,
    | 'names'
    | 'batchesOf'
    | 'readings'
    | 'validate'
    | 'onReading'
    | 'onNonFinite'
    | 'signal'
    | 'pause'
    | 'seeds'
    | 'saved'
    | 'smallKernel'
    | 'stops'
  > {
  readonly backend: Backend;
  readonly network: Pick<StudyNetworks, 'parameters' | 'buffers'>;
  readonly rows?: RowSet;
  /** What belongs to the training besides: saved with it. */
  readonly state?: Named;
  loss(batch: Batch): Tensor;
  readonly steps: number;
  /** Updates of its schedule, `steps` unless given: where that has more, the training ends before it does. */
  readonly scheduled?: number;
  /** Peak of a cosine schedule that ends at zero. */
  readonly learningRate: number;
}

/** Undefined if it was interrupted. */
export async function fit(options: FitOptions): Promise<Trained | undefined> {
  const {
    backend,
    network,
    rows,
    loss,
    steps,
    scheduled = steps,
    learningRate,
    seeds,
    state,
    ...run
  } = options;
  const players = new Players({ backend, seeds });
  try {
    const player = players.make(network.parameters, {
      learningRate: cosine(learningRate, { updates: scheduled }),
    });
    const step = ({ batch }: { batch: Batch }) => {
      const value = loss(batch);
      player.minimise(value);
      return value;
    };
    const networks = { ...network.parameters, ...network.buffers };
    const training = {
      stages: [{ name: 'train', steps, rows, step, only: { player, loss, step } }],
      ...{ deployed: network, state },
    };
    return await runTraining(training, { ...run, backend, players, networks, seeds });
  } finally {
    players.dispose();
  }
}

/** Steps of an epoch's worth of batches times the epochs. */
export function stepsOf(epochs: number, rows: number, batchSize: number): number {
  return Math.max(1, Math.round((epochs * rows) / Math.min(batchSize, rows)));
}
