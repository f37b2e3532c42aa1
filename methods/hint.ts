import { add, mul } from '../engine/ops/pointwise/elementwise.ts';
import { mse } from '../losses/regression.ts';
import { type Method, needed } from './method.ts';

/** Squared errors to the teacher's predictions and, through a linear regressor, to its features. */
export const hint: Method = {
  name: 'hint',
  summary: "squared errors to the teacher's predictions and features",
  hasTwoHeads: false,
  needsTeacher: true,
  needs: ['teacherFeatures'],
  hasRegressor: true,
  loss(heads, batch, { hintWeight = 1, leadingAxes }) {
    const options = { leadingAxes };
    const features = needed(hint, heads, 'features');
    const teacherFeatures = needed(hint, batch, 'teacherFeatures');
    const imitation = mse({ pred: heads.pred, label: batch.teacher }, {}, options);
    return add(imitation, mul(mse({ pred: features, label: teacherFeatures }, {}, options), hintWeight));
  },
};
