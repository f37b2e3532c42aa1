/** The method `heteroscedastic`: mean and variance by the likelihood of the labels. */
import { gaussianNll, varianceOf } from '../losses/gaussian.ts';
import { lossMethod } from './loss-method.ts';

/** A mean and a variance by the likelihood of the labels: noise that differs from sample to sample, no teacher. */
export const heteroscedastic = lossMethod({
  name: 'heteroscedastic',
  summary: 'likelihood of the labels, mean and variance',
  labels: 'numbers',
  secondHead: { name: 'variance', kind: 'other' },
  loss: ({ heads, batch: { label }, keeping }) =>
    gaussianNll({ pred: heads.label, variance: varianceOf(heads.variance), label }, {}, keeping),
});
