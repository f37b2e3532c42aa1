/**
 * Losses of knowledge distillation against PyTorch in float64 (`fixtures/distillation.py`), and what is computed once over
 * a training set for them.
 */
import { describe, expect, test } from 'vitest';
import { grad } from '../../../engine/grad.ts';
import { broadcastTo } from '../../../engine/ops/reduce/sum.ts';
import { type Tensor, tensor, zeros } from '../../../engine/tensor.ts';
import { ail, attentiveHint } from '../../../losses/ail.ts';
import { ensembleMoments } from '../../../losses/ensemble-moments.ts';
import { gaussianKl, gaussianNll, varianceOf } from '../../../losses/gaussian.ts';
import { imitationAttention } from '../../../losses/imitation-attention.ts';
import { rkdAngle, rkdDistance } from '../../../losses/rkd.ts';
import { tbr, tbrImitation } from '../../../losses/tbr.ts';
import { cpu, gpu } from '../../backends.ts';
import { checkBackends, checkGrads, compareValues, noise } from '../../check.ts';
import fixture from '../../fixtures/distillation.json' with { type: 'json' };

type Inputs = Record<keyof typeof fixture.inputs | 'attention', Tensor>;
interface Case {
  name: keyof typeof losses;
  params: Record<string, number>;
  value: number;
  gradients: Record<string, number[]>;
}

const losses = {
  tbr,
  tbrImitation,
  ail,
  attentiveHint,
  gaussianNll,
  gaussianKl,
  rkdDistance: (inputs: Inputs) => rkdDistance(inputs),
  rkdAngle: (inputs: Inputs, params: { rows?: number }) => rkdAngle(inputs, params),
};

test.each(['cpu', 'gpu'] as const)('values and gradients are PyTorch’s, on the %s', async (which) => {
  const backend = which === 'cpu' ? cpu : await gpu();
  for (const { name, params, value, gradients } of fixture.cases as unknown as Case[]) {
    const given = Object.fromEntries(
      Object.entries(fixture.inputs).map(([key, { values, shape }]) => [
        key,
        tensor(values, shape, backend, { requiresGrad: key in gradients }),
      ]),
    );
    const rows = tensor(fixture.attention.values, [6, 1], backend);
    const inputs = { ...given, attention: broadcastTo(rows, [6, 2]) } as Inputs;
    const loss = losses[name](inputs as never, params);
    const tolerance = which === 'cpu' ? 1e-12 : 2e-6;
    compareValues(name, await loss.data(), Float64Array.of(value), tolerance);
    const got = grad(
      loss,
      Object.keys(gradients).map((key) => inputs[key as keyof Inputs]),
    );
    for (const [i, wanted] of Object.values(gradients).entries())
      compareValues(`${name}, gradient ${i}`, await got[i]!.data(), Float64Array.from(wanted), tolerance);
  }
});

test('attention is that of the whole training set, each sample’s own', () => {
  const { label, teacher } = fixture.inputs;
  const { attention, range } = imitationAttention(label.values, teacher.values, { columns: 2 });
  expect(range).toBeCloseTo(fixture.attention.range, 12);
  compareValues(
    'attention',
    attention,
    Float64Array.from(fixture.attention.values.flatMap((a) => [a, a])),
    1e-7,
  );
  // A giant outlier makes all others alike: the method is then kd-mix.
  const spoilt = imitationAttention([0, 0, 0, 100], [0.1, 0.5, 1, 0]).attention;
  expect(Math.min(...spoilt.subarray(0, 3))).toBeGreaterThan(0.9998);
  expect([...imitationAttention([1, 2], [2, 3]).attention]).toEqual([1, 1]);
  expect(() => imitationAttention([1, 2, 3], [1, 2, 3], { columns: 2 })).toThrow('3 labels');
  expect(() => imitationAttention([1, NaN], [1, 2])).toThrow('of row 1 is not finite');
});

test('an ensemble is the normal distribution of its mixture’s moments', () => {
  const { means, variances, mean, variance } = fixture.ensemble;
  const moments = ensembleMoments(means, { variances });
  compareValues('mean', moments.mean, Float64Array.from(mean), 1e-7);
  compareValues('variance', moments.variance, Float64Array.from(variance), 1e-7);
  const alike = ensembleMoments([
    [1, 2],
    [1, 2],
  ]);
  expect([[...alike.epistemic], [...alike.variance]]).toEqual([
    [0, 0],
    [Math.fround(1e-4), Math.fround(1e-4)],
  ]);
  expect(() => ensembleMoments([])).toThrow('no members');
  expect(() => ensembleMoments([[1], [1, 2]])).toThrow('mean 1 has 2 numbers, wanted 1');
  expect(() => ensembleMoments([[1]], { variances: [[-1]] })).toThrow('element 0 of variance 0 is -1');
  expect(() => ensembleMoments([[1]], { floor: 0 })).toThrow('floor must be above 0, got 0');
});

test('a variance is above its floor, and its gradients are right', async () => {
  await checkGrads((raw) => varianceOf(raw, 0.01), [[4, 2]]);
  const far = varianceOf(tensor([-100], [1], cpu), 0.01);
  expect(await far.item()).toBeCloseTo(0.01, 12);
  expect(() => varianceOf(far, 0)).toThrow('floor must be above 0, got 0');
});

describe('relations', () => {
  const shapes = [
    [2, 5, 3],
    [2, 5, 4],
  ];
  const teacherFeatures = { shape: shapes[1]!, values: noise(40, 5), isConstant: true };
  const inputs = [{ shape: shapes[0]!, values: noise(30, 4) }, teacherFeatures];
  test.each([rkdDistance, rkdAngle])('%o: to order 2, GPU = CPU, with an axis of seeds', async (relation) => {
    const f = (features: Tensor, other: Tensor) =>
      relation({ features, teacherFeatures: other }, { leadingAxes: 1 });
    await checkGrads(f, inputs);
    await checkBackends(f, inputs, { tolerance: 2e-5 });
    const backend = await gpu();
    const seeds = [0, 1].map((s) => {
      const part = (values: ArrayLike<number>, size: number, columns: number) =>
        tensor(Array.from(values).slice(s * size, (s + 1) * size), [5, columns], backend);
      return relation({
        features: part(inputs[0]!.values, 15, 3),
        teacherFeatures: part(inputs[1]!.values, 20, 4),
      });
    });
    const [own, other] = inputs.map(({ values, shape }) => tensor(values, shape, backend));
    const together = await f(own!, other!).data();
    expect([...together]).toEqual(await Promise.all(seeds.map((loss) => loss.item())));
  });

  test('rows that are alike give no NaN', async () => {
    const features = tensor(new Float32Array(12), [4, 3], cpu, { requiresGrad: true });
    const other = tensor(noise(12, 1), [4, 3], cpu);
    for (const relation of [rkdDistance, rkdAngle]) {
      const loss = relation({ features, teacherFeatures: other });
      const [gradient] = grad(loss, [features]);
      expect((await loss.data()).every(Number.isFinite)).toBe(true);
      expect((await gradient!.data()).every(Number.isFinite)).toBe(true);
    }
  });

  test('what does not fit is named', () => {
    const [a, b] = [zeros([4, 3], cpu), zeros([5, 3], cpu)];
    expect(() => rkdDistance({ features: a, teacherFeatures: b })).toThrow('rkdDistance: features [4, 3]');
    expect(() => rkdAngle({ features: a, teacherFeatures: a }, { rows: 1 })).toThrow('rows must be');
  });
});
