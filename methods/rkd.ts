import { add, mul } from '../engine/ops/pointwise/elementwise.ts';
import { mse } from '../losses/regression.ts';
import { rkdAngle, rkdDistance } from '../losses/rkd.ts';
import { type Method, needed } from './method.ts';

/** Squared error to the teacher's predictions, and its features' distances and angles. */
export const rkd: Method = {
  name: 'rkd',
  summary: "the teacher's predictions, and how far samples lie apart in its features",
  hasTwoHeads: false,
  needsTeacher: true,
  needs: ['teacherFeatures'],
  loss(heads, batch, { distanceWeight = 1, angleWeight = 2, leadingAxes }) {
    const options = { leadingAxes };
    const inputs = {
      features: needed(rkd, heads, 'features'),
      teacherFeatures: needed(rkd, batch, 'teacherFeatures'),
    };
    const imitation = mse({ pred: heads.pred, label: batch.teacher }, {}, options);
    const relations = add(
      mul(rkdDistance(inputs, options), distanceWeight),
      mul(rkdAngle(inputs, options), angleWeight),
    );
    return add(imitation, relations);
  },
};
