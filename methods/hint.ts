import { number, text, type ValuesOf } from '../base/option.ts';
import { add, mul } from '../engine/ops/pointwise/elementwise.ts';
import { mse } from '../losses/regression.ts';
import { type Method, needed } from './method.ts';

const options = {
  hintWeight: number({
    name: 'hint-weight',
    group: 'training',
    min: 0,
    default: 1,
    help: "weight of hint's error to the teacher's features, beside that to its predictions",
  }),
  /** A block's name, or two as in 'trunk.1:trunk.0'; '' means what the trunks compute. */
  hintLayer: text({
    name: 'hint-layer',
    group: 'training',
    default: '',
    help: "whose outputs are hint's features: a block of both networks, such as trunk.0, or TEACHER:STUDENT [the last]",
  }),
};

/** Squared errors to the teacher's predictions and, through a linear regressor, to its features. */
export const hint: Method<ValuesOf<typeof options>> = {
  name: 'hint',
  summary: "squared errors to the teacher's predictions and features",
  options,
  hasTwoHeads: false,
  needsTeacher: true,
  needs: ['teacherFeatures'],
  hasRegressor: true,
  blocks({ hintLayer }) {
    if (hintLayer === '') return undefined;
    const [teacher = '', ...others] = hintLayer.split(':');
    return { teacher, student: others.length > 0 ? others.join(':') : teacher };
  },
  loss(heads, batch, { hintWeight, leadingAxes }) {
    const keeping = { leadingAxes };
    const features = needed(hint, heads, 'features');
    const teacherFeatures = needed(hint, batch, 'teacherFeatures');
    const imitation = mse({ pred: heads.pred, label: batch.teacher }, {}, keeping);
    return add(imitation, mul(mse({ pred: features, label: teacherFeatures }, {}, keeping), hintWeight));
  },
};
