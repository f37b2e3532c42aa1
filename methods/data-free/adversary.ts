/** A network beside a student that makes points where the student differs from its teacher, after Kang & Kang 2021. */
import { integer, most } from '../../base/option.ts';
import { detach } from '../../engine/ops/pointwise/elementwise.ts';
import { rmsProp } from '../../engine/optim/optim.ts';
import { noGrad } from '../../engine/tape.ts';
import { generatorLoss, latent } from '../../losses/matching/generator.ts';
import type { TrainingContext } from '../context.ts';
import type { PointMaker } from '../modifiers/modifier.ts';

/** Of whoever trains one beside a student. */
export const generatorEvery = integer({
  name: 'generator-every',
  group: 'training',
  min: 1,
  max: most,
  default: 10,
  help: "a student's steps for each of a generator's, of the method or of +abm",
});

/**
 * 50-500(tanh)-inputs, trained by RMSProp at a rate of 1e-3 to make teacher and student differ; see `generatorLoss`.
 *
 * @param every Steps from one update of it to the next: 1 trains it in every step, 10 in steps 1, 11, 21, …
 */
export function adversary(context: TrainingContext, every: number): PointMaker {
  const { backend, seeds, sizes } = context;
  const network = context.network('adversary', { inputs: 50, outputs: sizes.inputs, widths: [500] });
  const player = context.player(network.parameters, { optimizer: rmsProp, learningRate: 1e-3 });
  return {
    phaseOf: (done) => (done % every === 0 ? 'update' : 'rest'),
    points(pair, { rows, phase }) {
      const z = latent(backend, { rows, seed: seeds });
      if (phase === 'rest') return noGrad(() => network.forward(z));
      const points = network.forward(z);
      player.minimise(generatorLoss(points, pair, { leadingAxes: 1 }));
      return detach(points);
    },
  };
}
