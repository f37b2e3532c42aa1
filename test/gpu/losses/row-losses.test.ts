/** Losses of rows: gradients to order 2, fused against meaning, rows of all lengths, seeds, refusals. */
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../../engine/backend.ts';
import { dispatchCount } from '../../../engine/gpu/command-stream.ts';
import { dispatch } from '../../../engine/dispatch.ts';
import { grad } from '../../../engine/grad.ts';
import { mul } from '../../../engine/ops/pointwise/elementwise.ts';
import { slice } from '../../../engine/ops/movement/slice.ts';
import { sum } from '../../../engine/ops/reduce/sum.ts';
import { type Shape, ShapeError } from '../../../engine/shape.ts';
import { type Tensor, tensor, view, zeros } from '../../../engine/tensor.ts';
import type { Input } from '../../../engine/check/samples.ts';
import { rowLoss } from '../../../kernels/row-loss/row-loss.ts';
import { type Sharing, sharingOf } from '../../../kernels/row-loss/row-sums.ts';
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
import { compareValues, noise, tensorsOf } from '../../check.ts';

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

test.each([
  [5, 68],
  [2, 2052],
])(
  'a row shared by many lanes, by few, and by few that take four at once, gives the same bits: %i × %i',
  async (rows, classes) => {
    const backend = await gpu();
    const columns = sharingOf(classes, false).columns;
    const ways: Sharing[] = [
      { columns, lanes: columns, width: 1 },
      { columns, lanes: 16, width: 1 },
      { columns, lanes: 16, width: 4 },
    ];
    expect(ways).toContainEqual(sharingOf(classes, true));
    expect(ways).toContainEqual(sharingOf(classes + 1, true));
    for (const loss of [kdLoss, jsd, ownLoss] as RowLoss[]) {
      const {
        name,
        inputs,
        wrt = ['logits'],
        params = {},
        fused: element,
        isCentred = false,
      } = loss.definition;
      const logs = Object.entries(loss.definition.logs).map(([key, source]) => {
        const [of, temperature] = typeof source === 'string' ? [source] : source;
        return { name: key, of: of!, temperature };
      });
      const hasLabel = inputs.includes('label');
      const options = { name, inputs: inputs.filter((key) => key !== 'label'), wrt, logs, hasLabel };
      const rests = Object.fromEntries(
        Object.entries(params).map(([key, value]) => [`${key}Rest`, 1 - value]),
      );
      const uniforms = { ...params, ...rests, rows, classes, ignore: 2 ** 32 - 1 };
      const given = named(loss, tensorsOf(lossInputs(loss, [rows, classes]), backend));
      const results = ways.map((sharing) => {
        const kernel = rowLoss({
          ...options,
          ...{ params: Object.keys(params), stepParams: [], element, isCentred, sharing },
        });
        return dispatch<string, string, string>(kernel, {
          inputs: given,
          uniforms,
          outputs: Object.fromEntries(
            kernel.outputs.map((key) => [key, key === 'value' ? [rows] : [rows, classes]]),
          ),
          workgroups: [2, 1, 1],
        });
      });
      for (const key of Object.keys(results[0]!)) {
        const [first, ...others] = await Promise.all(results.map((result) => result[key]!.data()));
        for (const other of others) expect(other, `${name} ${key}`).toEqual(first);
      }
    }
  },
);

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
