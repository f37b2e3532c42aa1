/** The method `ensemble`: mean and variance of several teachers. */
import { gaussianKl, varianceOf } from '../losses/gaussian.ts';
import { teacher } from './artifacts/teacher.ts';
import { teacherVariance } from './artifacts/teacher-variance.ts';
import { lossMethod } from './loss-method.ts';

/** Mean and variance of an ensemble of teachers, by the divergence of the student's distribution from it. */
export const ensemble = lossMethod({
  name: 'ensemble',
  summary: 'mean and variance of several teachers',
  uses: [teacher, teacherVariance],
  labels: 'numbers',
  secondHead: { name: 'variance', kind: 'other' },
  loss({ heads, batch: { teacher, teacherVariance }, keeping }) {
    const variance = varianceOf(heads.variance);
    return gaussianKl({ pred: heads.label, variance, teacher, teacherVariance }, {}, keeping);
  },
});
