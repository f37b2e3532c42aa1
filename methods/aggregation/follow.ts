/** The second stage of DFA: a student follows labels and, through connectors, mixtures of its teacher's layers that stay. */
import { add, mul } from '../../engine/ops/pointwise/elementwise.ts';
import { noGrad } from '../../engine/tape.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { apart } from '../../losses/features/aggregate.ts';
import { total } from '../../losses/total.ts';
import type { NetworkInput, StudentNetworks } from '../../models/network.ts';
import type { Training } from '../../train/training.ts';
import type { TrainingContext } from '../context.ts';
import { connector } from './connector.ts';
import { type GroupPair, groupPairs } from './groups.ts';
import { mixed, teacherLayers } from './mixtures.ts';

export interface Followed {
  readonly student: StudentNetworks;
  readonly groups: readonly GroupPair[];
}

export function pairOf(context: TrainingContext): Followed {
  const student = context.student();
  const shapes = { teacher: context.teacher().shapes!, student: student.deployed.shapes! };
  return { student, groups: groupPairs(`--methods: '${context.name}'`, shapes) };
}

/** L(y, S(x)) + weight · Σ_i mean (A_i - F_i(S_i))². */
export function following(
  context: TrainingContext,
  { student, groups }: Followed,
  alphas: () => readonly Tensor[],
  weight: number,
): Training {
  const { task, leadingAxes, sizes } = context;
  const connectors = groups.map(({ shapes }, i) =>
    connector(context, i, { from: shapes.student, to: shapes.teacher }),
  );
  const player = context.player([student.parameters, ...connectors.map(({ parameters }) => parameters)]);
  const taps = groups.map((group) => group.student);
  return {
    deployed: student.deployed,
    stages: [
      {
        name: 'train',
        steps: sizes.steps,
        step({ batch }) {
          const input = batch as unknown as NetworkInput;
          const layers = teacherLayers(context, groups, input);
          const pass = student.run(input, { training: true, taps });
          const hints = noGrad(alphas).map((alpha, i) => {
            const features = connectors[i]!.run(pass.taps[taps[i]!]!);
            return apart(features, mixed(context, groups[i]!, layers[i]!, alpha), { leadingAxes });
          });
          const labelled = task.supervised(pass.heads.label!, batch.label!, { leadingAxes });
          const loss = add(labelled, mul(total(hints), weight));
          player.minimise(loss);
          return loss;
        },
      },
    ],
  };
}
