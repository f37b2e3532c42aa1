/** Methods that need more than labels, teacher and mask: their losses, what they ask for, and a training with a hint. */
import { expect, test } from 'vitest';
import { mul } from '../../../engine/ops/pointwise/elementwise.ts';
import { noGrad } from '../../../engine/tape.ts';
import { type Tensor, tensor } from '../../../engine/tensor.ts';
import { mse } from '../../../losses/regression.ts';
import type { NetworkInput, StudyNetworks } from '../../../models/network.ts';
import { ail } from '../../../methods/ail.ts';
import { methods } from '../../../methods/all.ts';
import { buildTraining, chosenMethod, stagePlan } from '../../../methods/chosen-method.ts';
import { ensemble } from '../../../methods/ensemble.ts';
import { heteroscedastic } from '../../../methods/heteroscedastic.ts';
import { hint } from '../../../methods/hint.ts';
import type { OfLoss, Parts } from '../../../methods/loss-method.ts';
import { rkd } from '../../../methods/rkd.ts';
import { tbr } from '../../../methods/tbr.ts';
import { tbrImitation } from '../../../methods/tbr-imitation.ts';
import { defaults } from '../../../study/options/study-defaults.ts';
import { regression } from '../../../tasks/regression.ts';
import { deployedOf, type StagePlan } from '../../../train/training.ts';
import { cpu, gpu } from '../../backends.ts';
import { noise } from '../../check.ts';
import { contextOf, lossesOf, mlpTeacher } from '../../method-context.ts';

const set = {
  ...{ ailAlpha: 0.3, kdMixAlpha: 0.3, tbrImitationAlpha: 0.3, huberDelta: 1 },
  ...{ hintWeight: 0.5, hintLayer: '', rkdDistanceWeight: 0.25, rkdAngleWeight: 0.75 },
};
const options = set;
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

function lossOf({ lossOf: method }: OfLoss, changes: Partial<typeof given> = {}): Tensor {
  const all = { ...given, ...changes };
  const at = {
    heads: { label: all.pred, teacher: all.teacherPred, variance: all.teacherPred },
    also: { features: all.features },
    batch: { ...all, outlier: all.label },
    ...{ input: { x: all.label }, task: regression, keeping: { leadingAxes: 1 } },
  };
  // What `featurePair` gives.
  const parts: Parts & { ofTeacher(): Tensor } = { ofTeacher: () => all.teacherFeatures };
  return method.loss(at, options, parts);
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

test.each<[OfLoss, number[]]>([
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
  const same = await lossOf(rkd as OfLoss, { features: given.teacherFeatures }).data();
  for (const [s, value] of same.entries()) expect(value).toBeCloseTo(imitation[s]!, 6);
  const other = await lossOf(rkd as OfLoss).data();
  for (const [s, value] of other.entries()) expect(value).toBeGreaterThan(imitation[s]! + 1e-3);
});

test('who asks for more of a teacher than there is, is named', () => {
  for (const name of ['hint', 'rkd', 'direct']) {
    const context = contextOf(cpu, { seeds: [1], teacher: undefined });
    expect(() => buildTraining(chosenMethod(name), context, { ...defaults })).toThrow(
      "no teacher's network is at hand; the method must say needs",
    );
    context.dispose();
  }
});

test('a hint trains student and regressor together, seeds side by side, in a captured step', async () => {
  const backend = await gpu();
  const teacher = mlpTeacher(backend, [12], 9);
  const context = contextOf(backend, { seeds: [3, 4], teacher, inputs: 2, learningRate: 1e-2 });
  const x = tensor(noise(2 * 16 * 2, 1), [2, 16, 2], backend);
  const label = noGrad(() => teacher.forward({ x }));
  const training = buildTraining(chosenMethod('hint'), context, { ...defaults });
  expect(context.networks['regressor.label.0.weight']!.shape).toEqual([2, 4, 12]);
  const losses = await lossesOf(training, context, { x, label, teacher: label });
  for (const [s, value] of losses.at(-1)!.entries()) expect(value).toBeLessThan(0.5 * losses[0]![s]!);
  context.dispose();
});

test('add-ons follow a method’s name', () => {
  expect(chosenMethod('tor').modifiers).toEqual([]);
  const { method, modifiers } = chosenMethod('imitation+gm+pm');
  expect([method.name, modifiers.map(({ name }) => name)]).toEqual(['imitation', ['pm', 'gm']]);
  expect(() => chosenMethod('direct+pm')).toThrow("'direct' makes its own points");
  expect(() => chosenMethod('imitaton+pm')).toThrow("unknown method 'imitaton', did you mean 'imitation'?");
  expect(() => chosenMethod('imitation+amb')).toThrow(
    "unknown add-on 'amb' in 'imitation+amb', did you mean 'abm'?",
  );
  expect(() => chosenMethod('tor+pm+pm')).toThrow("'tor+pm+pm' names 'pm' twice");
});

test('from few rows a student with add-ons learns more of its teacher', async () => {
  const backend = await gpu();
  const seeds = [1, 2];
  const fresh = tensor(noise(2 * 200 * 2, 77), [2, 200, 2], backend);
  const x = tensor(noise(2 * 6 * 2, 5), [2, 6, 2], backend);
  const network = mlpTeacher(backend, [30], [50, 51]);
  const teacher = { ...network, forward: (input: NetworkInput) => mul(network.forward(input), 5) };
  const label = noGrad(() => teacher.forward({ x }));
  const gapOf = async (name: string) => {
    const shape = { inputs: 2, width: 16, steps: 250, learningRate: 2e-2 };
    const context = contextOf(backend, { seeds, teacher, ...shape });
    const training = buildTraining(chosenMethod(name), context, { ...defaults, sigma: 0.5 });
    await lossesOf(training, context, { x, label, teacher: label });
    const at = { x: fresh };
    const [pred, wanted] = noGrad(() => [
      deployedOf<StudyNetworks>(training)[0]!.forward(at),
      teacher.forward(at),
    ]);
    const gap = [...(await mse({ pred: pred!, label: wanted! }, {}, { leadingAxes: 1 }).data())];
    context.dispose();
    return gap;
  };
  const alone = await gapOf('imitation');
  for (const name of ['imitation+pm', 'imitation+abm', 'imitation+gm', 'imitation+pm+abm+gm'])
    for (const [s, gap] of (await gapOf(name)).entries()) expect(gap, name).toBeLessThan(0.8 * alone[s]!);
});

test('a method builds the stages that it plans', () => {
  for (const [name, method] of methods) {
    const chosen = chosenMethod(name);
    const shapes = { inputs: 2, steps: 7, impressionSteps: 3 };
    const teacher = mlpTeacher(cpu, [5, 5], 3);
    const context = contextOf(cpu, { seeds: [1, 2], teacher, ...shapes });
    const all = { ...defaults, impressionSteps: 3 };
    const { stages } = buildTraining(chosen, context, all);
    // Which rows of a seed is known once there are data; whether there are any is planned.
    const told = ({ name: stage, steps, rows, isPreparation }: StagePlan) => [
      ...[stage, steps, rows === 'none', isPreparation],
    ];
    expect(stages.map(told), method.name).toEqual(
      stagePlan(chosen, all, { steps: 7, epochSteps: 2.5 }).map(told),
    );
    context.dispose();
  }
});
