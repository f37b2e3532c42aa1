import { gaussianNll, varianceOf } from '../losses/gaussian.ts';
import { type Method, needed } from './method.ts';

/** A mean and a variance by the likelihood of the labels: noise that differs from sample to sample, no teacher. */
export const heteroscedastic: Method = {
  name: 'heteroscedastic',
  summary: 'likelihood of the labels, mean and variance',
  hasTwoHeads: true,
  secondHead: 'variance',
  needsTeacher: false,
  loss(heads, { label }, { leadingAxes }) {
    const variance = varianceOf(needed(heteroscedastic, heads, 'teacherPred'));
    return gaussianNll({ pred: heads.pred, variance, label }, {}, { leadingAxes });
  },
};
