/** The method `direct`: no data, points that climb to where the networks differ. */
import { integer, most, number, type ValuesOf } from '../../base/option.ts';
import { ascend } from '../../losses/matching/ascend.ts';
import type { Method } from '../method.ts';
import { calls, sampledPoints, sought, trainedAtPoints, trainingPlan } from './at-points.ts';

const options = {
  sought,
  /** Uphill. */
  directSteps: integer({
    name: 'direct-steps',
    group: 'training',
    min: 1,
    max: most,
    default: 2,
    help: 'steps uphill of direct',
  }),
  directSize: number({
    name: 'direct-size',
    group: 'training',
    min: 0,
    isAbove: true,
    default: 1,
    help: 'their length, in deviations of the inputs',
  }),
};

/** Points that begin normal and climb to where the two differ. */
export const direct: Method<ValuesOf<typeof options>> = {
  name: 'direct',
  summary: 'no data: the teacher where the student differs most',
  options,
  tasks: ['regression'],
  needs: 'network',
  plan: (_, { steps }) => [trainingPlan(steps)],
  build(context, { sought: share, directSteps: steps, directSize: stepSize }) {
    const penalties = { inputPenalty: 1e-5, outputPenalty: 1e-5 };
    const how = { ...penalties, steps, stepSize, leadingAxes: 1 };
    return trainedAtPoints(context, {
      share,
      seek: (pair) => ascend(sampledPoints(context, calls.started), pair, how),
    });
  },
};
