/** Losses of rows: gradients to order 2, fused against meaning, rows of all lengths, extremes, seeds, refusals. */
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../../engine/backend.ts';
import { dispatchCount } from '../../../engine/gpu/command-stream.ts';
import { grad } from '../../../engine/grad.ts';
import { detach, mul } from '../../../engine/ops/pointwise/elementwise.ts';
import { slice } from '../../../engine/ops/movement/slice.ts';
import { sum } from '../../../engine/ops/reduce/sum.ts';
import { type Shape, ShapeError } from '../../../engine/shape.ts';
import { type Tensor, tensor, view, zeros } from '../../../engine/tensor.ts';
import type { Input } from '../../../engine/check/samples.ts';
import { checkLoss, lossInputs, named } from '../../../losses/check-loss.ts';
import {
  crossEntropy,
  jsd,
  kdLoss,
  klDivergence,
  reverseKlDivergence,
} from '../../../losses/classification.ts';
import { defineRowLoss, type RowLoss } from '../../../losses/row-loss.ts';
import { cpu, gpu } from '../../backends.ts';
import { focal, ownLoss, rowLossCases } from '../../cases/row-losses.ts';
import { checkBackends, compareValues, noise, tensorsOf } from '../../check.ts';

describe.each(rowLossCases)('$name', ({ loss, params, inputs }) => {
  test('gradients, GPU = CPU, fused = composed', async () => {
    const given = Object.fromEntries(loss.definition.inputs.map((key, k) => [key, inputs[k]!]));
    await checkLoss(loss, { params, inputs: given, backend: await gpu() });
  });
});

const library: readonly RowLoss[] = [crossEntropy, klDivergence, reverseKlDivergence, kdLoss, jsd];
const all: readonly RowLoss[] = [...library, ownLoss, focal];

/** Value and gradients of one number of rows and classes, by the fused kernel and by float64. */
async function compareWithCpu(loss: RowLoss, inputs: readonly Input[], tolerance: number): Promise<void> {
  const results = [];
  for (const backend of [await gpu(), cpu]) {
    const xs = tensorsOf(inputs, backend);
    const value = loss(named(loss, xs));
    const gradients = grad(
      value,
      xs.filter((x) => x.requiresGrad),
    );
    results.push([await value.data(), ...(await Promise.all(gradients.map((g) => g.data())))]);
  }
  const [got, wanted] = results as [ArrayLike<number>[], Float64Array[]];
  // Gradients of means are small where rows are many: each is held to the largest of its own.
  for (const [i, values] of wanted.entries()) {
    const scale = i === 0 ? 1 : values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-30);
    const scaled = (numbers: ArrayLike<number>) => Float64Array.from(numbers, (value) => value / scale);
    compareValues(`${loss.definition.name}, result ${i}`, scaled(got[i]!), scaled(values), tolerance);
  }
}

test.each([
  [1, 1],
  [5, 2],
  [70, 32],
  [3, 33],
  [2, 2048],
  [1, 2049],
  [2, 50_000],
] as const)('%i rows of %i classes', async (rows, classes) => {
  for (const loss of all) {
    // Logits between -6 and 6.
    const inputs = lossInputs(loss, [rows, classes]).map((input, i) =>
      input.dtype === 'u32'
        ? input
        : { ...input, values: noise(rows * classes, 7 * i + rows).map((u) => 12 * u - 6) },
    );
    await compareWithCpu(loss, inputs, 5e-6);
  }
});

test('two dispatches, forward and backward together', async () => {
  const backend = await gpu();
  for (const loss of all)
    for (const shape of [
      [70, 10],
      [3, 100],
    ]) {
      const xs = tensorsOf(lossInputs(loss, shape), backend);
      const step = () =>
        grad(
          loss(named(loss, xs)),
          xs.filter((x) => x.requiresGrad),
        );
      step();
      const before = dispatchCount();
      step();
      expect(dispatchCount() - before, loss.definition.name).toBe(2);
    }
});

const both: [string, () => Promise<Backend>][] = [
  ['CPU', async () => cpu],
  ['GPU', gpu],
];

/** Each mean's bits are those of the mean alone, in every loss, fused and composed. */
test.each([10, 40])('an axis of seeds, %i classes', async (classes) => {
  const [seeds, rows] = [3, 5];
  const backend = await gpu();
  for (const loss of all) {
    const inputs = lossInputs(loss, [seeds, rows, classes]);
    const xs = tensorsOf(inputs, backend);
    for (const f of [loss, loss.composed]) {
      const value = f(named(loss, xs), {}, { leadingAxes: 1 });
      expect(value.shape).toEqual([seeds]);
      const wanted = xs.filter((x) => x.requiresGrad);
      const gradients = grad(sum(value), wanted);
      for (let s = 0; s < seeds; s++) {
        const own = xs.map((x) => {
          const part = slice(x, 0, s, s + 1);
          const copy = view(part, x.shape.slice(1));
          copy.requiresGrad = x.requiresGrad;
          return copy;
        });
        const alone = f(named(loss, own));
        expect((await value.data())[s], loss.definition.name).toBe(await alone.item());
        const leaves = own.filter((x) => x.requiresGrad);
        for (const [i, gradient] of grad(alone, leaves).entries())
          expect(await view(slice(gradients[i]!, 0, s, s + 1), leaves[i]!.shape).data()).toEqual(
            await gradient.data(),
          );
      }
    }
  }
});

test('rows on three axes, and labels as a column', async () => {
  for (const [, open] of both) {
    const backend = await open();
    const logits = tensor(noise(24, 1), [2, 3, 4], backend);
    const values = [0, 1, 2, 3, 2, 1];
    const label = (shape: Shape) => tensor(values, shape, backend, { dtype: 'u32' });
    const flat = crossEntropy({ logits: view(logits, [6, 4]), label: label([6]) });
    const same = await flat.item();
    expect(await crossEntropy({ logits, label: label([2, 3]) }).item()).toBe(same);
    expect(await crossEntropy({ logits, label: label([2, 3, 1]) }).item()).toBe(same);
    const single = crossEntropy({ logits, label: label([2, 3]) }, {}, { leadingAxes: 2 });
    expect(single.shape).toEqual([2, 3]);
    const mean = [...(await single.data())].reduce((total, each) => total + each, 0) / 6;
    expect(mean).toBeCloseTo(same, 6);
  }
});

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

test('what does not fit is named', () => {
  const logits = zeros([2, 3], cpu);
  const label = tensor([0, 1], [2], cpu, { dtype: 'u32' });
  expect(() => crossEntropy({ logits, label: zeros([2], cpu) })).toThrow(
    'cross-entropy: label is f32, wants u32',
  );
  const long = tensor([0, 1, 2], [3], cpu, { dtype: 'u32' });
  expect(() => crossEntropy({ logits, label: long })).toThrow(ShapeError);
  expect(() => crossEntropy({ logits, label: long })).toThrow(
    'cross-entropy: logits [2, 3] and label [3]; wants [2] or [2, 1]',
  );
  expect(() => klDivergence({ logits, teacher: zeros([3, 2], cpu) })).toThrow(
    'kl-divergence: logits [2, 3] and teacher [3, 2]; wants [2, 3]',
  );
  expect(() => crossEntropy({ logits: zeros([2, 0], cpu), label })).toThrow(
    'wants (…, rows, classes), at least one',
  );
  expect(() => crossEntropy({ logits, label }, {}, { leadingAxes: 2 })).toThrow(
    'cross-entropy: 2 leading axes for [2, 3]',
  );
  expect(() => crossEntropy({ logits, label }, { smoothing: 2 })).toThrow(
    'smoothing must lie in [0, 1], got 2',
  );
  expect(() => crossEntropy({ logits, label }, {}, { ignore: -1 })).toThrow(
    'cross-entropy: ignore must be a whole',
  );
  expect(() => klDivergence({ logits, teacher: logits }, {}, { ignore: 0 })).toThrow(
    "unknown option 'ignore'",
  );
  expect(() => klDivergence({ logits, teacher: logits }, { temperature: 0 })).toThrow(
    'must be above 0, got 0',
  );
  const recorded = mul(tensor(new Float32Array(6), [2, 3], cpu, { requiresGrad: true }), 1);
  expect(() => jsd({ logits, teacher: recorded })).toThrow(
    "'teacher' is recorded, but no gradient flows to it",
  );
  // @ts-expect-error: no label
  expect(() => crossEntropy({ logits })).toThrow("cross-entropy: 'label' is missing; it wants logits, label");
  const define = (changes: object) => () =>
    defineRowLoss({
      name: 'own',
      inputs: ['logits'],
      logs: { s: 'logits' },
      composed: ({ s }) => s,
      fused: 'return Element(s, 1.0);',
      ...changes,
    });
  expect(define({ logs: { s: 'label' } })).toThrow(
    "own: log-probability 's' of a string 'label' is not among the rows, logits",
  );
  expect(define({ logs: { s: ['logits', 'heat'] } })).toThrow(
    "the temperature of 's' is a string 'heat', which is no parameter",
  );
  expect(define({ logs: { value: 'logits' } })).toThrow("own: the name 'value' is used twice");
  expect(define({ params: { rows: 1 } })).toThrow("own: a parameter cannot be called 'rows'");
  expect(define({ wrt: ['pred'] })).toThrow("own: wrt: a string 'pred' is not among the rows");
  expect(define({ fused: undefined })).toThrow('own: fused is missing; it is a WGSL text');
  const summed = define({ composed: ({ s }: { s: Tensor }) => sum(s, -1) })();
  expect(() => summed({ logits })).toThrow('own: composed gives [2]; wants [2, 3], a number for each class');
});
