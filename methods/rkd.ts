import { number, type ValuesOf } from '../base/option.ts';
import { add, mul } from '../engine/ops/pointwise/elementwise.ts';
import { mse } from '../losses/regression.ts';
import { rkdAngle, rkdDistance } from '../losses/rkd.ts';
import { type Method, needed } from './method.ts';

const options = {
  rkdDistanceWeight: number({
    name: 'rkd-distance-weight',
    group: 'training',
    min: 0,
    default: 1,
    help: "weight of rkd's distances between samples, beside its error to the teacher",
  }),
  rkdAngleWeight: number({
    name: 'rkd-angle-weight',
    group: 'training',
    min: 0,
    default: 2,
    help: 'weight of the angles between them',
  }),
};

/** Squared error to the teacher's predictions, and its features' distances and angles. */
export const rkd: Method<ValuesOf<typeof options>> = {
  name: 'rkd',
  summary: "the teacher's predictions, and how far samples lie apart in its features",
  options,
  hasTwoHeads: false,
  needsTeacher: true,
  needs: ['teacherFeatures'],
  loss(heads, batch, { rkdDistanceWeight, rkdAngleWeight, leadingAxes }) {
    const keeping = { leadingAxes };
    const inputs = {
      features: needed(rkd, heads, 'features'),
      teacherFeatures: needed(rkd, batch, 'teacherFeatures'),
    };
    const imitation = mse({ pred: heads.pred, label: batch.teacher }, {}, keeping);
    const relations = add(
      mul(rkdDistance(inputs, keeping), rkdDistanceWeight),
      mul(rkdAngle(inputs, keeping), rkdAngleWeight),
    );
    return add(imitation, relations);
  },
};
