/** The method `impressions`: no data, inputs found for predictions. */
import { integer, most, type ValuesOf } from '../../base/option.ts';
import { concat, split } from '../../engine/ops/movement/concat.ts';
import { rmsProp } from '../../engine/optim/optim.ts';
import { normal } from '../../engine/random.ts';
import { noGrad } from '../../engine/tape.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { latent } from '../../losses/matching/generator.ts';
import { impressionLoss, impressionPoints } from '../../losses/matching/impressions.ts';
import type { StagePlan } from '../../train/training.ts';
import type { TrainingContext } from '../context.ts';
import type { Method } from '../method.ts';
import { sought, trainedAtPoints, trainingPlan } from './at-points.ts';

const options = {
  sought,
  impressionSteps: integer({
    name: 'impression-steps',
    group: 'training',
    min: 1,
    max: most,
    default: 2000,
    help: "steps of impressions' network, before the student",
  }),
};

/** Of the random numbers, beside the draws of matching: while the network is trained, and while the student is. */
const calls = {
  own: { latent: 2 ** 21, wanted: 2 ** 21 + 1, noise: 2 ** 21 + 2 },
  student: { latent: 2 ** 21 + 3, wanted: 2 ** 21 + 4, noise: 2 ** 21 + 5 },
};

const LATENT = 50;

function preparation(steps: number): StagePlan {
  return { name: 'impressions', steps, rows: 'none', isPreparation: true };
}

/**
 * (50 + outputs)-500(tanh)-2·inputs: from latent numbers and the standardised prediction that is wanted, both N(0, 1), to
 * mean and log variance of every input. RMSProp at a rate of 1e-3; see `impressionLoss`.
 */
export function impressionNetwork(context: TrainingContext) {
  const { backend, seeds, sizes } = context;
  const { inputs, outputs, rows } = sizes;
  const shape = { inputs: LATENT + outputs, outputs: 2 * inputs, widths: [500] };
  const network = context.network('impressions', shape);
  const player = context.player(network.parameters, { optimizer: rmsProp, learningRate: 1e-3 });
  const draw = (width: number, call: number) =>
    normal([seeds.length, rows, width], backend, { seed: seeds, call, stream: 'synthetic' });
  const made = (call: typeof calls.own) => {
    const wanted = draw(outputs, call.wanted);
    const z = latent(backend, { rows, size: LATENT, seed: seeds, call: call.latent });
    const [mean, logVariance] = split(network.forward(concat([z, wanted], -1)), 2, -1) as [Tensor, Tensor];
    return {
      wanted,
      mean,
      logVariance,
      points: impressionPoints({ mean, logVariance }, draw(inputs, call.noise)),
    };
  };
  return {
    /** For predictions N(0, 1), new in every step: (seeds, rows, inputs), without a gradient. */
    points: () => noGrad(() => made(calls.student).points),
    stage: (steps: number) => ({
      ...preparation(steps),
      step() {
        const { points, ...given } = made(calls.own);
        const teacher = context.teacher().forward({ x: points });
        const loss = impressionLoss({ ...given, teacher }, { leadingAxes: 1 });
        player.minimise(loss);
        return loss;
      },
    }),
  };
}

/** Points of a network that was trained to find inputs for predictions N(0, 1). */
export const impressions: Method<ValuesOf<typeof options>> = {
  name: 'impressions',
  summary: 'no data: the teacher at inputs found for predictions',
  options,
  tasks: ['regression'],
  needs: 'network',
  plan: ({ impressionSteps }, { steps }) => [preparation(impressionSteps), trainingPlan(steps)],
  build(context, { sought: share, impressionSteps }) {
    const { points, stage } = impressionNetwork(context);
    const training = trainedAtPoints(context, { share, seek: points });
    return { ...training, stages: [stage(impressionSteps), ...training.stages] };
  },
};
