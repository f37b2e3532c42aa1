/**
 * Every loss, element by element, on NaN, infinities and ordinary numbers in all combinations: the fused kernel, the composed
 * meaning on the GPU, and the float64 backend give the same, in value and gradient.
 */
import { expect, test } from 'vitest';
import type { Input } from '../../../engine/check/samples.ts';
import { grad } from '../../../engine/grad.ts';
import { tensor } from '../../../engine/tensor.ts';
import { named } from '../../../losses/check-loss.ts';
import { gaussianKl } from '../../../losses/gaussian.ts';
import { divergenceFromNormal } from '../../../losses/matching/impressions.ts';
import { rkdAngle, rkdDistance } from '../../../losses/rkd.ts';
import { tor } from '../../../losses/tor.ts';
import { cpu, gpu } from '../../backends.ts';
import { lossCases } from '../../cases/losses.ts';
import { checkBackends } from '../../check.ts';

const inf = Infinity;
const numbers: Readonly<Record<string, readonly number[]>> = {
  outlier: [0, 1, NaN],
  attention: [0, 0.5, NaN],
  variance: [NaN, inf, 1, 0.3],
  teacherVariance: [NaN, 0.7, 1],
};

function gridOf(keys: readonly string[]): number[][] {
  const choices = keys.map((key) => numbers[key] ?? [NaN, inf, -inf, 1.5, -0.25]);
  const size = choices.reduce((product, { length }) => product * length, 1);
  let each = 1;
  return choices.map((values) => {
    const step = each;
    each *= values.length;
    return Array.from({ length: size }, (_, i) => values[Math.floor(i / step) % values.length]!);
  });
}

test.each(lossCases)('$name of special numbers', async ({ loss, params }) => {
  const { inputs: keys, wrt = ['pred'] } = loss.definition;
  const inputs = gridOf(keys).map((values, i): Input => {
    return { shape: [values.length], values, isConstant: !wrt.includes(keys[i]!) };
  });
  const each = (...xs: Parameters<typeof named>[1]) => loss(named(loss, xs), params, { leadingAxes: 1 });
  await checkBackends(each, inputs, { order: 1, isSpecial: true, tolerance: 2e-5 });
});

test('a rejected label that is NaN matters nowhere', async () => {
  for (const backend of [cpu, await gpu()]) {
    const of = (...values: number[]) => tensor(values, [values.length], backend);
    const pred = tensor([1, 2], [2], backend, { requiresGrad: true });
    const given = { pred, label: of(NaN, 1), teacher: of(3, NaN), outlier: of(1, 0) };
    for (const f of [tor, tor.composed]) {
      const loss = f(given, { eps: 0.25 });
      expect(await loss.item()).toBeCloseTo((1.5 + 1) / 2, 6);
      expect([...(await grad(loss, [pred])[0]!.data())]).toEqual(
        [-0.5 / 3, 1].map((x) => expect.closeTo(x, 6)),
      );
    }
  }
});

test('the divergence of nearly equal distributions is not below 0, and right', async () => {
  for (const backend of [cpu, await gpu()]) {
    const ratios = [0, 1e-6, -1e-6, 1e-4, -1e-4, 1e-2, 0.2, -0.2, 0.3, -0.3, 5, -0.99].map((t) =>
      Math.fround(0.37 * (1 + t)),
    );
    const of = (values: number[]) => tensor(values, [values.length], backend);
    const v = Math.fround(0.37);
    const zeros = of(ratios.map(() => 0));
    const y = await gaussianKl(
      { pred: zeros, teacher: zeros, variance: of(ratios.map(() => v)), teacherVariance: of(ratios) },
      {},
      { leadingAxes: 1 },
    ).data();
    for (const [i, w] of ratios.entries()) {
      const t = (w - v) / v;
      // Near 0 the series; beyond, float64 has digits to spare.
      const wanted = Math.abs(t) < 1e-3 ? t ** 2 / 4 - t ** 3 / 6 + t ** 4 / 8 : (t - Math.log1p(t)) / 2;
      expect(y[i]!).toBeGreaterThanOrEqual(0);
      expect(Math.abs(y[i]! - wanted)).toBeLessThanOrEqual(2e-6 * wanted);
    }
  }
});

test('relations of a row with NaN are NaN, not a distance of 0', async () => {
  for (const backend of [cpu, await gpu()]) {
    const of = (...values: number[]) => tensor(values, [3, 2], backend);
    const teacherFeatures = of(1, 2, 0, 1, 3, -1);
    const features = of(1, NaN, 0, 1, 3, -1);
    for (const f of [rkdDistance, rkdAngle]) {
      expect(await f({ features, teacherFeatures }).item()).toBeNaN();
      expect(await f({ features: of(1, 2, 0, 1, 3, -1), teacherFeatures }).item()).toBeCloseTo(0, 6);
    }
  }
});

test('the divergence from N(0, 1) is not below 0 near it', async () => {
  for (const backend of [cpu, await gpu()]) {
    const values = [0, 1e-8, -1e-6, 1e-4, -1e-4, 3e-3, -0.1];
    for (const value of values) {
      const logVariance = tensor([value], [1, 1], backend);
      const y = await divergenceFromNormal({ mean: tensor([0], [1, 1], backend), logVariance }).item();
      const x = Math.fround(value);
      const wanted = x ** 2 / 4 + x ** 3 / 12 + x ** 4 / 48 + x ** 5 / 240;
      expect(y).toBeGreaterThanOrEqual(0);
      expect(Math.abs(y - wanted)).toBeLessThanOrEqual(1e-6 * wanted);
    }
  }
});
