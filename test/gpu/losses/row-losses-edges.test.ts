/** Losses of rows at their edges: ignored labels, huge and infinite logits, NaN, rows that are nearly equal, scheduled parameters. */
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../../engine/backend.ts';
import type { Input } from '../../../engine/check/samples.ts';
import { grad } from '../../../engine/grad.ts';
import { slice } from '../../../engine/ops/movement/slice.ts';
import { detach } from '../../../engine/ops/pointwise/elementwise.ts';
import { type Tensor, tensor, view } from '../../../engine/tensor.ts';
import { named } from '../../../losses/check-loss.ts';
import {
  crossEntropy,
  jsd,
  kdLoss,
  klDivergence,
  reverseKlDivergence,
} from '../../../losses/classification.ts';
import type { RowLoss } from '../../../losses/row-loss.ts';
import { cpu, gpu } from '../../backends.ts';
import { checkBackends, noise } from '../../check.ts';

const library: readonly RowLoss[] = [crossEntropy, klDivergence, reverseKlDivergence, kdLoss, jsd];

const both: [string, () => Promise<Backend>][] = [
  ['CPU', async () => cpu],
  ['GPU', gpu],
];

describe.each(both)('on the %s', (_, open) => {
  test('labels that are ignored, all of them, and one that is no class', async () => {
    const backend = await open();
    const logits = tensor([1, 2, 0, 3, 1, 1, 0, 0, 5], [3, 3], backend, { requiresGrad: true });
    const teacher = tensor([0, 0, 0, 1, 2, 3, 1, 1, 1], [3, 3], backend);
    const label = (...values: number[]) => tensor(values, [3], backend, { dtype: 'u32' });
    const alone = await crossEntropy({
      logits: view(slice(logits, 0, 1, 2), [1, 3]),
      label: tensor([2], [1], backend, { dtype: 'u32' }),
    }).item();
    for (const [chosen, ignore] of [
      [label(2 ** 32 - 1, 2, 2 ** 32 - 1), undefined],
      [label(0, 2, 0), 0],
    ] as const)
      for (const f of [crossEntropy, crossEntropy.composed]) {
        const loss = f({ logits, label: chosen }, {}, { ignore });
        expect(await loss.item()).toBeCloseTo(alone, 6);
        const gradient = [...(await grad(loss, [logits])[0]!.data())];
        expect([...gradient.slice(0, 3), ...gradient.slice(6)].map(Math.abs)).toEqual([0, 0, 0, 0, 0, 0]);
        expect(gradient.slice(3, 6).reduce((total, each) => total + each, 0)).toBeCloseTo(0, 6);
      }
    const none = label(7, 7, 7);
    for (const f of [crossEntropy, crossEntropy.composed]) {
      const loss = f({ logits, label: none }, {}, { ignore: 7 });
      expect(await loss.item()).toBe(0);
      expect([...(await grad(loss, [logits])[0]!.data())].every((value) => value === 0)).toBe(true);
      const wrong = f({ logits, label: label(0, 3, 1) });
      expect(await wrong.item()).toBeNaN();
      const gradient = [...(await grad(wrong, [logits])[0]!.data())];
      expect(gradient.map(Number.isNaN)).toEqual([0, 0, 0, 1, 1, 1, 0, 0, 0].map(Boolean));
    }
    // The teacher is followed in rows without a label.
    const alpha = 0.25;
    const kd = await kdLoss(
      { logits, teacher, label: none },
      { alpha, temperature: 1 },
      { ignore: 7 },
    ).item();
    expect(kd).toBeCloseTo(0.75 * (await klDivergence({ logits, teacher }).item()), 6);
  });

  test('logits of ±1e4 and minus infinity', async () => {
    const backend = await open();
    const row = (...values: number[]) => tensor(values, [1, values.length], backend, { requiresGrad: true });
    const label = (value: number) => tensor([value], [1], backend, { dtype: 'u32' });
    const entropy = async (values: number[], at: number) => {
      const logits = row(...values);
      const loss = crossEntropy({ logits, label: label(at) });
      return [await loss.item(), ...(await grad(loss, [logits])[0]!.data())];
    };
    expect(await entropy([1e4, -1e4], 0)).toEqual([0, 0, 0].map((value) => expect.closeTo(value, 9)));
    expect(await entropy([1e4, -1e4], 1)).toEqual([2e4, 1, -1]);
    expect(await entropy([0, -Infinity, 0], 0)).toEqual(
      [Math.LN2, -0.5, 0, 0.5].map((x) => expect.closeTo(x, 6)),
    );
    expect(await entropy([0, -Infinity], 1)).toEqual([Infinity, 1, -1]);
    expect((await entropy([-Infinity, -Infinity], 1))[0]).toBeNaN();
    const [far, near, none] = [row(1e4, 0, -1e4), row(9999, 0, -1e4), row(0, 0, -Infinity)];
    const of = (f: RowLoss, logits: Tensor, teacher: Tensor) =>
      f({ logits, teacher: detach(teacher) }).item();
    expect(await of(klDivergence, far, near)).toBeCloseTo(0, 9);
    expect(await of(klDivergence, none, row(0, 0, 0))).toBe(Infinity);
    expect(await of(klDivergence, row(0, 0, 0), none)).toBeCloseTo(Math.log(3 / 2), 6);
    expect(await of(reverseKlDivergence, none, row(0, 0, 0))).toBeCloseTo(Math.log(3 / 2), 6);
    expect(await of(reverseKlDivergence, row(0, 0, 0), none)).toBe(Infinity);
    expect(await of(jsd, row(0, -Infinity), row(-Infinity, 0))).toBeCloseTo(Math.LN2, 6);
    expect(await of(jsd, far, row(-1e4, 0, 1e4))).toBeCloseTo(Math.LN2, 6);
  });

  test('parameters from the step buffer equal the numbers, now and in later steps', async () => {
    const backend = await open();
    const [logits, teacher] = [1, 2].map((seed) =>
      tensor(noise(40, seed), [2, 20], backend, { requiresGrad: seed === 1 }),
    ) as [Tensor, Tensor];
    const label = tensor([3, 19], [2], backend, { dtype: 'u32' });
    const begin = backend.step.number;
    const alpha = backend.step.slot((step) => 0.25 + 0.5 * (step - begin));
    const temperature = backend.step.slot((step) => 2 + 2 * (step - begin));
    const given = { logits, teacher, label };
    for (const fixed of [
      { alpha: 0.25, temperature: 2 },
      { alpha: 0.75, temperature: 4 },
    ]) {
      const losses = [kdLoss(given, { alpha, temperature }), kdLoss(given, fixed)];
      const [scheduled, number] = await Promise.all(losses.map((loss) => loss.item()));
      expect(scheduled).toBe(number);
      const gradients = losses.map((loss) => grad(loss, [logits])[0]!.data());
      expect(await gradients[0]).toEqual(await gradients[1]);
      backend.step.begin();
    }
    alpha.free();
    temperature.free();
  });
});

test('every loss of rows with NaN and infinities: the fused kernel, its meaning, and float64', async () => {
  const numbers = [NaN, Infinity, -Infinity, 1.5, -0.25];
  const rows = numbers.flatMap((a) => numbers.map((b) => [a, b]));
  for (const loss of library) {
    const inputs = loss.definition.inputs.map((key, i): Input => {
      if (key === 'label') return { shape: [rows.length], values: rows.map((_, r) => r % 2), dtype: 'u32' };
      // Rows of the first and of the second are paired otherwise than by chance would pair them.
      const values = rows.flatMap((_, r) => [...rows[(r * (1 + 6 * i)) % rows.length]!, 0.5]);
      return {
        shape: [rows.length, 3],
        values,
        isConstant: !(loss.definition.wrt ?? ['logits']).includes(key),
      };
    });
    const each = (...xs: Tensor[]) => loss(named(loss, xs), {}, { leadingAxes: 1 });
    await checkBackends(each, inputs, { order: 1, isSpecial: true, tolerance: 2e-5 });
  }
});

test('divergences of nearly equal rows are not below 0, and right', async () => {
  const backend = await gpu();
  const teacher = noise(30, 3);
  for (const step of [0, 1e-6, 1e-4, 1e-2]) {
    const logits = Float32Array.from(teacher, (value, i) => value + step * (((i * 7) % 11) / 5 - 1));
    for (const loss of [klDivergence, reverseKlDivergence, jsd]) {
      const given = (on: Backend) => ({
        logits: tensor(logits, [1, 30], on),
        teacher: tensor(teacher, [1, 30], on),
      });
      const [got, wanted] = [await loss(given(backend)).item(), await loss(given(cpu)).item()];
      expect(got).toBeGreaterThanOrEqual(0);
      // A logarithm of about 4 is rounded to 2e-7: that is the error of their difference.
      const slope = Math.sqrt(2 * Math.max(wanted, 0));
      expect(Math.abs(got - wanted), loss.definition.name).toBeLessThanOrEqual(1e-6 * slope + 1e-12);
    }
  }
});
