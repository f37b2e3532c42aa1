import { gaussianKl, varianceOf } from '../losses/gaussian.ts';
import { type Method, needed } from './method.ts';

/** Mean and variance of an ensemble of teachers, by the divergence of the student's distribution from it. */
export const ensemble: Method = {
  name: 'ensemble',
  summary: 'mean and variance of several teachers',
  hasTwoHeads: true,
  secondHead: 'variance',
  needsTeacher: true,
  needs: ['teacherVariance'],
  loss(heads, batch, { leadingAxes }) {
    const variance = varianceOf(needed(ensemble, heads, 'teacherPred'));
    const teacherVariance = needed(ensemble, batch, 'teacherVariance');
    return gaussianKl(
      { pred: heads.pred, variance, teacher: batch.teacher, teacherVariance },
      {},
      { leadingAxes },
    );
  },
};
