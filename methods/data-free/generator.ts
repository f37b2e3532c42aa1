/** The method `generator`: no data, points of an adversary. */
import type { ValuesOf } from '../../base/option.ts';
import type { Method } from '../method.ts';
import { adversary, generatorEvery } from './adversary.ts';
import { sought, trainedAtPoints, trainingPlan } from './at-points.ts';

const options = { sought, generatorEvery };

/** Points of a network that is trained beside the student to make the two differ. */
export const generator: Method<ValuesOf<typeof options>> = {
  name: 'generator',
  summary: 'no data: the teacher at points of an adversary',
  options,
  tasks: ['regression'],
  needs: 'network',
  plan: (_, { steps }) => [trainingPlan(steps)],
  build(context, { sought: share, generatorEvery: every }) {
    const { rows } = context.sizes;
    const { phaseOf, points } = adversary(context, every);
    return trainedAtPoints(context, {
      share,
      phaseOf,
      seek: (pair, phase) => points(pair, { rows, phase }),
    });
  },
};
