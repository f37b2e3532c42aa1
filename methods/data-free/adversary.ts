/** A network beside a student that makes points where the student differs from its teacher, after Kang & Kang 2021. */
import { integer, most } from '../../base/option.ts';
import type { Backend } from '../../engine/backend.ts';
import { detach } from '../../engine/ops/pointwise/elementwise.ts';
import { rmsProp } from '../../engine/optim/optim.ts';
import { noGrad } from '../../engine/tape.ts';
import type { Tensor } from '../../engine/tensor.ts';
import type { Pair } from '../../losses/matching/ascend.ts';
import { generatorLoss, latent } from '../../losses/matching/generator.ts';
import { mlp } from '../../models/mlp.ts';
import type { Named } from '../../models/parameters.ts';

/** Keeps its numbers apart from those of networks and regressors. */
const ADVERSARY_SEED = 2 ** 41;

/** Of whoever trains one beside a student. */
export const generatorEvery = integer({
  name: 'generator-every',
  group: 'training',
  min: 1,
  max: most,
  default: 10,
  help: "a student's steps for each of a generator's, of the method or of +abm",
});

export interface AdversaryOptions {
  readonly backend: Backend;
  readonly seeds: readonly number[];
  /** Numbers a point, which are standardised. */
  readonly inputs: number;
  /** Steps from one update of it to the next: 1 trains it in every step, 10 in steps 1, 11, 21, … */
  readonly every: number;
}

/** One a seed, side by side. */
export interface Adversary {
  readonly parameters: Named;
  /** Of training steps, by `TrainOptions.phaseOf`: those with an update and those without. */
  phaseOf(done: number): string;
  /** Points of this step, (seeds, rows, inputs), without a gradient. In a step with an update, those that it learns at. */
  points(pair: Pair, step: { readonly rows: number; readonly phase: string }): Tensor;
  dispose(): void;
}

/** 50-500(tanh)-inputs, trained by RMSProp at a rate of 1e-3 to make teacher and student differ; see `generatorLoss`. */
export function adversary({ backend, seeds, inputs, every }: AdversaryOptions): Adversary {
  const network = mlp({
    backend,
    inputs: 50,
    outputs: inputs,
    widths: [500],
    seed: seeds.map((seed) => seed + ADVERSARY_SEED),
  });
  const optimizer = rmsProp(network.parameters, { learningRate: 1e-3, seeds: seeds.length });
  return {
    parameters: network.parameters,
    phaseOf: (done) => (done % every === 0 ? 'update' : 'rest'),
    points(pair, { rows, phase }) {
      const z = latent(backend, { rows, seed: seeds });
      if (phase === 'rest') return noGrad(() => network.forward(z));
      const points = network.forward(z);
      optimizer.minimise(generatorLoss(points, pair, { leadingAxes: 1 }));
      return detach(points);
    },
    dispose() {
      optimizer.dispose();
      for (const x of Object.values(network.parameters)) x.dispose();
    },
  };
}
