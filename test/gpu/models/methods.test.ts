/** Methods that need more than labels, teacher and mask: their losses, what they ask for, and a training with a hint. */
import { expect, test } from 'vitest';
import { capture } from '../../../engine/capture.ts';
import { grad } from '../../../engine/grad.ts';
import { mul } from '../../../engine/ops/pointwise/elementwise.ts';
import { ones } from '../../../engine/ops/fill.ts';
import { adam, rmsProp } from '../../../engine/optim/optim.ts';
import { noGrad } from '../../../engine/tape.ts';
import { type Tensor, tensor } from '../../../engine/tensor.ts';
import { mse } from '../../../losses/regression.ts';
import { mlp } from '../../../models/mlp.ts';
import { hintRegressor } from '../../../models/hint-regressor.ts';
import { ail } from '../../../methods/ail.ts';
import { ensemble } from '../../../methods/ensemble.ts';
import { heteroscedastic } from '../../../methods/heteroscedastic.ts';
import { hint } from '../../../methods/hint.ts';
import { matchedLoss, matchedMethod, matchingOf } from '../../../methods/matched-method.ts';
import type { Method } from '../../../methods/method.ts';
import { rkd } from '../../../methods/rkd.ts';
import { tbr } from '../../../methods/tbr.ts';
import { tbrImitation } from '../../../methods/tbr-imitation.ts';
import { defaults } from '../../../study/options/study-defaults.ts';
import { cpu, gpu } from '../../backends.ts';
import { noise } from '../../check.ts';

const set = {
  ...{ ailAlpha: 0.3, kdMixAlpha: 0.3, tbrImitationAlpha: 0.3, huberDelta: 1 },
  ...{ hintWeight: 0.5, hintLayer: '', rkdDistanceWeight: 0.25, rkdAngleWeight: 0.75 },
};
const options = { ...set, leadingAxes: 1 };
const [SEEDS, ROWS, OUTPUTS, FEATURES] = [2, 5, 2, 3];

const values = {
  pred: noise(20, 1),
  teacherPred: noise(20, 2),
  label: noise(20, 3),
  teacher: noise(20, 4),
  attention: noise(20, 5).map(Math.abs),
  teacherVariance: noise(20, 6).map((u) => 0.1 + Math.abs(u)),
  features: noise(30, 7),
  teacherFeatures: noise(30, 8),
};
type Name = keyof typeof values;

const given = Object.fromEntries(
  Object.entries(values).map(([key, numbers]) => {
    const width = key.endsWith('eatures') ? FEATURES : OUTPUTS;
    return [key, tensor(numbers, [SEEDS, ROWS, width], cpu)];
  }),
) as Record<Name, Tensor>;

function lossOf(method: Method, without: readonly Name[] = []): Tensor {
  const kept = Object.fromEntries(
    Object.entries(given).filter(([key]) => !without.includes(key as Name)),
  ) as typeof given;
  return method.loss(kept, { ...kept, outlier: kept.label }, options);
}

/** Mean over a seed's elements of what a formula gives for each. */
function means(formula: (at: (key: Name) => number) => number, width = OUTPUTS): number[] {
  const size = ROWS * width;
  return Array.from({ length: SEEDS }, (_, s) => {
    let sum = 0;
    for (let i = s * size; i < (s + 1) * size; i++) sum += formula((key) => values[key][i]!);
    return sum / size;
  });
}

const variance = (raw: number) => Math.log1p(Math.exp(raw)) + 1e-4;
const imitation = means((at) => (at('pred') - at('teacher')) ** 2);

test.each<[Method, number[]]>([
  [
    tbr,
    means((at) => {
      const [u, bound] = [at('pred') - at('label'), at('teacher') - at('label')];
      const smooth = Math.abs(u) < 1 ? u ** 2 / 2 : Math.abs(u) - 0.5;
      return smooth + (u ** 2 > bound ** 2 ? 0.5 * u ** 2 : 0);
    }),
  ],
  [
    tbrImitation,
    means((at) => {
      const [u, bound] = [at('pred') - at('label'), at('teacher') - at('label')];
      return 0.3 * u ** 2 + (u ** 2 > bound ** 2 ? 0.7 * (at('pred') - at('teacher')) ** 2 : 0);
    }),
  ],
  [
    ail,
    means(
      (at) =>
        0.3 * (at('pred') - at('label')) ** 2 + 0.7 * at('attention') * (at('pred') - at('teacher')) ** 2,
    ),
  ],
  [
    hint,
    means((at) => 0.5 * (at('features') - at('teacherFeatures')) ** 2, FEATURES).map(
      (value, s) => value + imitation[s]!,
    ),
  ],
  [
    heteroscedastic,
    means((at) => {
      const v = variance(at('teacherPred'));
      return 0.5 * (Math.log(v) + (at('pred') - at('label')) ** 2 / v);
    }),
  ],
  [
    ensemble,
    means((at) => {
      const [v, wanted] = [variance(at('teacherPred')), at('teacherVariance')];
      return 0.5 * (Math.log(v / wanted) + (wanted + (at('pred') - at('teacher')) ** 2) / v - 1);
    }),
  ],
])('$name is its formula, a number a seed', async (method, wanted) => {
  const loss = await lossOf(method).data();
  expect(loss).toHaveLength(SEEDS);
  for (const [s, value] of loss.entries()) expect(value).toBeCloseTo(wanted[s]!, 6);
});

test('rkd adds relations to imitation, none where both networks relate alike', async () => {
  const alike = { ...given, features: given.teacherFeatures, outlier: given.label };
  const same = await rkd.loss(alike, alike, options).data();
  for (const [s, value] of same.entries()) expect(value).toBeCloseTo(imitation[s]!, 6);
  const other = await lossOf(rkd).data();
  for (const [s, value] of other.entries()) expect(value).toBeGreaterThan(imitation[s]! + 1e-3);
});

test('what a study does not provide is named', () => {
  for (const method of [ail, ensemble, hint, rkd]) {
    for (const key of method.needs!)
      expect(() => lossOf(method, [key])).toThrow(`${method.name}: '${key}' is missing`);
  }
  expect(() => lossOf(hint, ['features'])).toThrow("hint: 'features' is missing");
  expect(() => lossOf(heteroscedastic, ['teacherPred'])).toThrow("'teacherPred' is missing");
});

test('a hint trains student and regressor together, seeds side by side, in a captured step', async () => {
  const backend = await gpu();
  backend.step.reset();
  const seed = [3, 4];
  const teacher = mlp({ backend, inputs: 2, widths: [12], seed: 9 });
  const student = mlp({ backend, inputs: 2, widths: [4], seed });
  const regressor = hintRegressor({ backend, studentFeatures: 4, teacherFeatures: 12, seed });
  const parameters = { ...student.parameters, ...regressor.parameters };
  expect(parameters['regressor.weight']!.shape).toEqual([2, 4, 12]);
  const optimizer = adam(parameters, { learningRate: 1e-2, seeds: 2 });
  const x = tensor(noise(2 * 16 * 2, 1), [2, 16, 2], backend);
  const teacherFeatures = noGrad(() => teacher.features(x));
  const predicted = noGrad(() => teacher.head(teacherFeatures));
  const batch = { label: predicted, teacher: predicted, outlier: predicted };
  const seeds = ones([2], backend);
  const step = capture(() => {
    const features = student.features(x);
    const heads = { pred: student.head(features), features: regressor.forward(features) };
    const loss = hint.loss(heads, { ...batch, teacherFeatures }, options);
    optimizer.step(grad(loss, Object.values(parameters), { seed: seeds }));
    return loss;
  }, backend);
  const first = [...(await step().data())];
  for (let i = 0; i < 150; i++) step();
  const last = await step().data();
  for (const [s, value] of last.entries()) expect(value).toBeLessThan(0.5 * first[s]!);
  step.dispose();
  optimizer.dispose();
});

test('add-ons follow a method’s name', () => {
  expect(matchedMethod('tor').addOns).toEqual([]);
  const { method, addOns } = matchedMethod('imitation+gm+pm');
  expect([method.name, addOns]).toEqual(['imitation', ['pm', 'gm']]);
  expect(() => matchedMethod('imitaton+pm')).toThrow("unknown method 'imitaton', did you mean 'imitation'?");
  expect(() => matchedMethod('imitation+amb')).toThrow(
    "unknown add-on 'amb' in 'imitation+amb', did you mean 'abm'?",
  );
  expect(() => matchedMethod('tor+pm+pm')).toThrow("'tor+pm+pm' names 'pm' twice");
});

test('from few rows a student with add-ons learns more of its teacher', async () => {
  const backend = await gpu();
  const seeds = [1, 2];
  const fresh = tensor(noise(2 * 200 * 2, 77), [2, 200, 2], backend);
  const x = tensor(noise(2 * 6 * 2, 5), [2, 6, 2], backend);
  const teacher = mlp({ backend, inputs: 2, widths: [30], seed: [50, 51] });
  const wanted = noGrad(() => mul(teacher.forward(x), 5));
  const batch = { x, label: wanted, teacher: wanted, outlier: wanted };
  const networkOf = (at: Tensor) => mul(teacher.forward(at), 5);
  const gapOf = async (name: string) => {
    backend.step.reset();
    const student = mlp({ backend, inputs: 2, widths: [16], seed: seeds });
    const optimizer = rmsProp(student.parameters, { learningRate: 5e-3, seeds: 2 });
    const pair = { teacher: networkOf, student: (at: Tensor) => ({ pred: student.forward(at) }) };
    const matched = matchedMethod(name);
    const matching = { ...matchingOf(matched, { ...defaults }, Number), seed: seeds, sigma: 0.5 };
    const own = { values: set, leadingAxes: 1, matching };
    const seed = ones([2], backend);
    const step = capture(() => {
      const loss = matchedLoss(matched, batch, pair, own);
      optimizer.step(grad(loss, Object.values(student.parameters), { seed }));
    }, backend);
    for (let i = 0; i < 250; i++) step();
    step.dispose();
    optimizer.dispose();
    const [pred, label] = noGrad(() => [student.forward(fresh), networkOf(fresh)]);
    return [...(await mse({ pred: pred!, label: label! }, {}, { leadingAxes: 1 }).data())];
  };
  const alone = await gapOf('imitation');
  for (const name of ['imitation+pm', 'imitation+abm', 'imitation+gm', 'imitation+pm+abm+gm'])
    for (const [s, gap] of (await gapOf(name)).entries()) expect(gap, name).toBeLessThan(0.8 * alone[s]!);
});
