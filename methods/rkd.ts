/** The method `rkd`: the teacher's predictions, and relations between its features. */
import { number } from '../base/option.ts';
import { add, mul } from '../engine/ops/pointwise/elementwise.ts';
import { rkdAngle, rkdDistance } from '../losses/rkd.ts';
import { teacher } from './artifacts/teacher.ts';
import { featurePair } from './feature-pair.ts';
import { lossMethod, type Taps } from './loss-method.ts';

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
export const rkd = lossMethod({
  name: 'rkd',
  summary: "the teacher's predictions, and how far samples lie apart in its features",
  options,
  uses: [teacher],
  needs: 'features',
  parts(context, student) {
    const { block, rowsOf, ofTeacher } = featurePair(context, student);
    return { taps: [block], also: (taps: Taps) => ({ features: rowsOf(taps[block]!) }), ofTeacher };
  },
  loss({ heads, also, batch, input, task, keeping }, { rkdDistanceWeight, rkdAngleWeight }, { ofTeacher }) {
    const inputs = { features: also.features, teacherFeatures: ofTeacher(input) };
    const relations = add(
      mul(rkdDistance(inputs, keeping), rkdDistanceWeight),
      mul(rkdAngle(inputs, keeping), rkdAngleWeight),
    );
    return add(task.imitation(heads.label, batch.teacher, keeping), relations);
  },
});
