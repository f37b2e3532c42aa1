/** The method `sampling`: no data, normal points. */
import type { Method } from '../method.ts';
import { trainedAtPoints, trainingPlan } from './at-points.ts';

/** Squared error to the teacher at x ~ N(0, 1). */
export const sampling: Method = {
  name: 'sampling',
  summary: 'no data: the teacher at normal points',
  tasks: ['regression'],
  needs: 'network',
  plan: (_, { steps }) => [trainingPlan(steps)],
  build: (context) => trainedAtPoints(context),
};
