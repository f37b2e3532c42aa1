/** The method `hint`: the teacher's predictions and, through a regressor, its features. */
import { number, text } from '../base/option.ts';
import { add, mul } from '../engine/ops/pointwise/elementwise.ts';
import { mse } from '../losses/regression.ts';
import { teacher } from './artifacts/teacher.ts';
import { checkBlocks, featurePair } from './feature-pair.ts';
import { lossMethod, type Taps } from './loss-method.ts';

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
export const hint = lossMethod({
  name: 'hint',
  summary: "squared errors to the teacher's predictions and features",
  options,
  uses: [teacher],
  needs: 'features',
  check: (label, networks, { hintLayer }) => void checkBlocks(label, hintLayer, networks),
  parts(context, student, { hintLayer }) {
    const { block, widths, rowsOf, ofTeacher } = featurePair(context, student, hintLayer);
    const shape = { inputs: widths.student, outputs: widths.teacher, widths: [] };
    const { parameters, forward } = context.network('regressor', shape);
    const also = (taps: Taps) => ({ features: forward(rowsOf(taps[block]!)) });
    return { parameters, taps: [block], also, ofTeacher };
  },
  loss({ heads, also, batch, input, task, keeping }, { hintWeight }, { ofTeacher }) {
    const apart = mse({ pred: also.features, label: ofTeacher(input) }, {}, keeping);
    return add(task.imitation(heads.label, batch.teacher, keeping), mul(apart, hintWeight));
  },
});
