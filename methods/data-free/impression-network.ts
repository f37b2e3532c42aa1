/** The network of data impressions, trained before the student: it makes inputs that the teacher predicts wanted values for. */
import type { Backend } from '../../engine/backend.ts';
import { concat, split } from '../../engine/ops/movement/concat.ts';
import { rmsProp } from '../../engine/optim/optim.ts';
import { normal } from '../../engine/random.ts';
import { noGrad } from '../../engine/tape.ts';
import type { Tensor } from '../../engine/tensor.ts';
import type { Forward } from '../../losses/matching/ascend.ts';
import { latent } from '../../losses/matching/generator.ts';
import {
  type InputDistribution,
  impressionLoss,
  impressionPoints,
} from '../../losses/matching/impressions.ts';
import { mlp } from '../../models/mlp.ts';
import { train, type TrainOptions } from '../../train/loop.ts';

/** Keeps its numbers apart from those of other networks. */
const IMPRESSION_SEED = 2 ** 42;
const LATENT = 50;

/** Of the random numbers: beside the draws of matching. While it is trained, and while the student is. */
const calls = {
  training: { latent: 2 ** 21, wanted: 2 ** 21 + 1, noise: 2 ** 21 + 2 },
  student: { latent: 2 ** 21 + 3, wanted: 2 ** 21 + 4, noise: 2 ** 21 + 5 },
};

export interface ImpressionOptions {
  readonly backend: Backend;
  readonly seeds: readonly number[];
  /** Points a step, and numbers a point, which are standardised. */
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
  /** Of its own training. */
  readonly steps: number;
}

/** What training tells, and what stops it. */
export type ImpressionHooks = Pick<
  TrainOptions<never>,
  'where' | 'onReading' | 'onNonFinite' | 'signal' | 'pause'
>;

/** One a seed, side by side. */
export interface ImpressionNetwork {
  /** False if it was interrupted. */
  train(teacher: Forward, hooks: ImpressionHooks): Promise<boolean>;
  /** For predictions N(0, 1), new in every step: (seeds, rows, inputs), without a gradient. */
  points(): Tensor;
  dispose(): void;
}

/**
 * (50 + outputs)-500(tanh)-2·inputs: from latent numbers and the standardised prediction that is wanted, both N(0, 1), to
 * mean and log variance of every input. RMSProp at a rate of 1e-3; see `impressionLoss`.
 */
export function impressionNetwork({
  backend,
  seeds,
  rows,
  inputs,
  outputs,
  steps,
}: ImpressionOptions): ImpressionNetwork {
  const network = mlp({
    backend,
    inputs: LATENT + outputs,
    outputs: 2 * inputs,
    widths: [500],
    seed: seeds.map((seed) => seed + IMPRESSION_SEED),
  });
  const draw = (width: number, call: number) =>
    normal([seeds.length, rows, width], backend, { seed: seeds, call, stream: 'synthetic' });
  const impressions = (
    call: typeof calls.training,
  ): InputDistribution & { wanted: Tensor; points: Tensor } => {
    const wanted = draw(outputs, call.wanted);
    const z = latent(backend, { rows, size: LATENT, seed: seeds, call: call.latent });
    const [mean, logVariance] = split(network.forward(concat([z, wanted], -1)), 2, -1) as [Tensor, Tensor];
    const points = impressionPoints({ mean, logVariance }, draw(inputs, call.noise));
    return { wanted, mean, logVariance, points };
  };
  return {
    async train(teacher, hooks) {
      backend.step.reset();
      const optimizer = rmsProp(network.parameters, { learningRate: 1e-3, seeds: seeds.length });
      try {
        const done = await train({
          backend,
          // It makes its own.
          batches: { prepare() {}, batch: () => ({}) },
          loss() {
            const { points, ...given } = impressions(calls.training);
            return impressionLoss({ ...given, teacher: teacher(points) }, { leadingAxes: 1 });
          },
          optimizer,
          steps,
          readEvery: Math.max(1, Math.ceil(steps / 40)),
          ...hooks,
        });
        return done === steps;
      } finally {
        optimizer.dispose();
      }
    },
    points: () => noGrad(() => impressions(calls.student).points),
    dispose() {
      for (const x of Object.values(network.parameters)) x.dispose();
    },
  };
}
