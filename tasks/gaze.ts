/** Directions as angles, in degrees: where eyes look, how heads are turned. Learnt as numbers, judged by angles. */
import { mean } from '../base/statistics.ts';
import { angularErrors as angularErrorsInRadians } from '../datasets/images/gaze.ts';
import { regression, rmseMetric } from './regression.ts';
import type { Metric, Task } from './task.ts';

/** Of each row, in degrees: between directions (pitch, yaw), or of a yaw alone. */
export function angularErrors(a: ArrayLike<number>, b: ArrayLike<number>, outputs: number): Float64Array {
  if (outputs === 1) return Float64Array.from(a, (angle, i) => Math.abs(angle - b[i]!));
  const radians = (angles: ArrayLike<number>) =>
    Float64Array.from(angles, (angle) => (angle * Math.PI) / 180);
  return angularErrorsInRadians(radians(a), radians(b));
}

const angularError: Metric = {
  name: 'angular error',
  better: 'lower',
  unit: '°',
  start({ outputs }) {
    const parts: number[] = [];
    return {
      add(predicted, truth) {
        for (const angle of angularErrors(predicted, truth, outputs)) parts.push(angle);
      },
      value: () => mean(parts),
      rows: () => Float64Array.from(parts),
    };
  },
};

export const gaze: Task = {
  ...regression,
  name: 'gaze',
  summary: 'directions, by the angle between them',
  metrics: [angularError, rmseMetric],
};
