/** Every loss: its gradients to order 2, the fused kernel against its meaning, and what it refuses. */
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../../engine/backend.ts';
import { dispatch } from '../../../engine/dispatch.ts';
import { between, grad } from '../../../engine/grad.ts';
import { detach, mul } from '../../../engine/ops/pointwise/elementwise.ts';
import { sum } from '../../../engine/ops/reduce/sum.ts';
import { ShapeError } from '../../../engine/shape.ts';
import { noGrad } from '../../../engine/tape.ts';
import { type Tensor, tensor, zeros } from '../../../engine/tensor.ts';
import { fusedLoss, LOSS_BLOCK, sumBlocks } from '../../../kernels/training/fused-loss.ts';
import { checkLoss, named } from '../../../losses/check-loss.ts';
import { defineLoss } from '../../../losses/loss.ts';
import { ail } from '../../../losses/ail.ts';
import { huber, kdMix, mse } from '../../../losses/regression.ts';
import { tbrImitation } from '../../../losses/tbr.ts';
import { tor } from '../../../losses/tor.ts';
import { torDual } from '../../../losses/tor-dual.ts';
import { cpu, gpu } from '../../backends.ts';
import { type LossCase, lossCases } from '../../cases/losses.ts';
import { compareValues, noise, tensorsOf } from '../../check.ts';

describe.each(lossCases)('$name', ({ inputs, loss, params }) => {
  test('gradients, GPU = CPU, fused = composed', async () => {
    const given = Object.fromEntries(loss.definition.inputs.map((key, k) => [key, inputs[k]!]));
    await checkLoss(loss, { params, inputs: given, backend: await gpu() });
  });

  test('no recorded tensor but by detach where no gradient flows', () => {
    const { inputs: names, wrt = ['pred'] } = loss.definition;
    for (const key of names.filter((name) => !wrt.includes(name))) {
      const xs = tensorsOf(inputs, cpu);
      const recorded = mul(tensor(inputs[0]!.values, inputs[0]!.shape, cpu, { requiresGrad: true }), 1);
      const given = { ...named(loss, xs), [key]: recorded };
      expect(() => loss(given, params)).toThrow(
        `'${key}' is recorded, but no gradient flows to it; detach it`,
      );
      expect(() => loss({ ...given, [key]: detach(recorded) }, params)).not.toThrow();
      expect(() => noGrad(() => loss(given, params))).not.toThrow();
    }
  });

  test.each([77, 76])(
    'a workgroup a block, one for all, few lanes, and four elements at once give the same bits: %i more',
    async (more) => {
      const size = 2 * LOSS_BLOCK + more;
      const backend = await gpu();
      const xs = inputs.map(({ values }) => tensor(stretched(values, size), [size], backend));
      const fours = size % 4 === 0 ? [{ hasFewLanes: true, isVector: true }] : [];
      const [whole, ...others] = [
        ...[{}, { isSplit: true }, { hasFewLanes: true }, ...fours],
        ...fours.map((ways) => ({ ...ways, isSplit: true })),
      ].map((variant) => run({ loss, params }, xs, variant));
      for (const key of Object.keys(whole!)) {
        const values = await whole![key]!.data();
        for (const other of others) expect(values, key).toEqual(await other![key]!.data());
      }
      const composed = await loss.composed(named(loss, xs), params).item();
      // 8,269 additions, in blocks of 16 or a tree: each sum errs by a few hundred units of 2^-24 at the most.
      compareValues('value', await whole!.value!.data(), Float64Array.of(composed), 2e-5);
    },
  );
});

describe('checkLoss finds', () => {
  const square = { name: 'square', inputs: ['pred', 'label'], composed: mse.definition.composed } as const;
  const check = async (fused: string) =>
    checkLoss(defineLoss({ ...square, fused }), { backend: await gpu() });

  test('nothing where there is nothing', () =>
    check('let d = pred - label; return Element(d * d, 2.0 * d);'));

  test('a wrong fused value', () =>
    expect(check('let d = pred - label; return Element(d, 2.0 * d);')).rejects.toThrow(
      'value: element 0 is',
    ));

  test('a wrong fused gradient', () =>
    expect(check('let d = pred - label; return Element(d * d, d);')).rejects.toThrow(
      'fused gradient by pred',
    ));
});

/** The numbers again and again, each time a little smaller. */
function stretched(values: ArrayLike<number>, size: number): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => {
    const value = values[i % values.length]!;
    return value === 1 ? 1 : value * (1 - i / (4 * size));
  });
}

/** The fused kernel itself, on one workgroup or on several; `defineLoss` chooses by size and adapter. */
function run(
  { loss, params }: Pick<LossCase, 'loss' | 'params'>,
  xs: readonly Tensor[],
  { isSplit = false, hasFewLanes = false, isVector = false },
): Record<string, Tensor> {
  const { name, inputs, wrt = ['pred'], params: defaults = {}, fused: element } = loss.definition;
  const kernel = fusedLoss({
    name,
    inputs,
    wrt,
    params: Object.keys(defaults),
    stepParams: [],
    element,
    isSplit,
    hasFewLanes,
    isVector,
  });
  const numbers: Record<string, number> = { ...defaults, ...params };
  const rests = Object.fromEntries(Object.entries(numbers).map(([key, value]) => [`${key}Rest`, 1 - value]));
  const size = xs[0]!.size;
  const blocks = Math.ceil(size / LOSS_BLOCK);
  const results = dispatch(kernel, {
    inputs: named(loss, xs),
    uniforms: { size, ...numbers, ...rests },
    outputs: Object.fromEntries(
      kernel.outputs.map((key) => [key, key === 'value' ? [isSplit ? blocks : 1] : [size]]),
    ),
    workgroups: isSplit ? blocks : 1,
  });
  if (!isSplit) return results;
  const summed = dispatch(sumBlocks, {
    inputs: { x: results.value! },
    uniforms: { blocks, size },
    outputs: { y: [1] },
    workgroups: 1,
  });
  return { ...results, value: summed.y };
}

const both: [string, () => Promise<Backend>][] = [
  ['CPU', async () => cpu],
  ['GPU', gpu],
];

describe.each(both)('on the %s', (_, open) => {
  test('a parameter from the step buffer equals the number, now and in later steps', async () => {
    const backend = await open();
    const [pred, label, teacher] = [1, 2, 3].map((seed) =>
      tensor(noise(10, seed), [2, 5], backend, { requiresGrad: seed === 1 }),
    );
    const given = { pred: pred!, label: label!, teacher: teacher! };
    const first = backend.step.number;
    const slot = backend.step.slot((step) => 0.25 + 0.5 * (step - first)); // exact in float32
    for (const alpha of [0.25, 0.75]) {
      const [scheduled, fixed] = [kdMix(given, { alpha: slot }), kdMix(given, { alpha })];
      expect(await scheduled.data()).toEqual(await fixed.data());
      const recorded = kdMix.composed(given, { alpha: slot });
      compareValues('composed', await recorded.data(), await fixed.data(), 1e-6);
      const gradients = [scheduled, fixed].map((loss) => grad(loss, [pred!])[0]!.data());
      expect(await gradients[0]).toEqual(await gradients[1]);
      backend.step.begin();
    }
    slot.free();
  });

  test('an alpha near 1 leaves the teacher the share that float64 says', async () => {
    const backend = await open();
    const [label, teacher, attention] = [1, 1001, 0.5].map((value) => tensor([value], [1], backend));
    for (const alpha of [0.999, 0.99999, 0.9999999, 0.99999999, 1 - 1e-12]) {
      const pred = tensor([1], [1], backend, { requiresGrad: true });
      const given = { pred, label: label!, teacher: teacher! };
      // The label is met, so all that is left is (1 - alpha) (pred - teacher)² with pred - teacher = -1000.
      const rest = 1 - alpha;
      const bounded = { ...given, pred: tensor([1001], [1], backend, { requiresGrad: true }) };
      bounded.teacher = tensor([2], [1], backend);
      const cases = [
        [kdMix(given, { alpha }), pred, 1e6 * rest, -2e3 * rest],
        [kdMix.composed(given, { alpha }), pred, 1e6 * rest, -2e3 * rest],
        [ail({ ...given, attention: attention! }, { alpha }), pred, 0.5e6 * rest, -1e3 * rest],
        [
          tbrImitation(bounded, { alpha }),
          bounded.pred,
          alpha * 1e6 + rest * 999 ** 2,
          2e3 * alpha + rest * 2 * 999,
        ],
      ] as const;
      for (const [loss, by, value, slope] of cases) {
        expect((await loss.item()) / value).toBeCloseTo(1, 6);
        expect((await grad(loss, [by])[0]!.item()) / slope).toBeCloseTo(1, 6);
      }
    }
  });

  test('one tensor for both heads: both gradients are added up, once', async () => {
    const backend = await open();
    const constants = [0.5, 1, 0].map((value) => tensor([value, value], [2], backend));
    const [label, teacher, outlier] = constants as [Tensor, Tensor, Tensor];
    const x = tensor([2, 3], [2], backend, { requiresGrad: true });
    // mean((x - 0.5)² + (x - 1)²), by x: (2x - 1 + 2x - 2) / 2
    const loss = torDual({ pred: x, teacherPred: x, label, teacher, outlier });
    for (const createGraph of [false, true]) {
      expect([...(await grad(loss, [x], { createGraph })[0]!.data())]).toEqual([2.5, 4.5]);
    }
  });

  test('one head alone can be recorded, to any order', async () => {
    const backend = await open();
    const [pred, teacherPred] = [true, false].map((requiresGrad) =>
      tensor([2, 3], [2], backend, { requiresGrad }),
    );
    const outlier = zeros([2], backend);
    const given = { pred: pred!, teacherPred: teacherPred!, label: outlier, teacher: outlier, outlier };
    const [first] = grad(torDual(given), [pred!], { createGraph: true });
    expect([...(await first!.data())]).toEqual([2, 3]);
    expect([...(await grad(sum(first!), [pred!])[0]!.data())]).toEqual([1, 1]);
  });

  test('a label overwritten before the second derivative is noticed', async () => {
    const backend = await open();
    const [pred, label] = [true, false].map((requiresGrad) => tensor([2, 3], [2], backend, { requiresGrad }));
    const loss = mse({ pred: pred!, label: label! });
    label!.storage.version++;
    expect(() => grad(loss, [pred!], { createGraph: true })).toThrow('was written in place after');
  });
});

test('the walk of a fused loss stops at its leaves', async () => {
  const backend = await gpu();
  const x = tensor(noise(4, 1), [4], backend, { requiresGrad: true });
  const label = zeros([4], backend);
  let pred = x;
  for (let i = 0; i < 20; i++) pred = mul(pred, 1.01);
  expect(between(mse({ pred, label }), new Set([x]))).toHaveLength(21);
  // Not one of the twenty is looked at, by the walk of the meaning neither.
  const [fused, composed] = [mse({ pred, label }), mse.composed({ pred, label })];
  const looks: string[] = [];
  pred.node = new Proxy(pred.node!, {
    get(node, key) {
      looks.push(String(key));
      return Reflect.get(node, key) as unknown;
    },
  });
  expect(between(composed, new Set([pred])).map(({ node }) => node.op)).toEqual(['mean', 'square', 'sub']);
  expect(between(fused, new Set([pred])).map(({ node }) => node.op)).toEqual(['mse']);
  // `pred` itself is, once: what it was made of is older than it.
  const inputs = looks.filter((key) => key === 'inputs').length;
  looks.length = 0;
  const first = grad(fused, [pred], { createGraph: true })[0]!;
  expect(await first.data()).toEqual(await grad(composed, [pred])[0]!.data());
  expect(looks.filter((key) => key === 'inputs').length).toBeLessThanOrEqual(2 * inputs);
});

test('what does not fit is named', () => {
  const [a, b] = [zeros([2, 3], cpu), zeros([3, 2], cpu)];
  const shapes = () => mse({ pred: a, label: b });
  expect(shapes).toThrow(ShapeError);
  expect(shapes).toThrow('mse: shapes differ, pred [2, 3] and label [3, 2]');
  // No broadcasting: the fused kernel cannot, so the meaning must not.
  expect(() => mse({ pred: a, label: zeros([3], cpu) })).toThrow(
    'mse: shapes differ, pred [2, 3] and label [3]',
  );
  expect(() => mse({ pred: zeros([0], cpu), label: zeros([0], cpu) })).toThrow('mse: no elements, [0]');
  // @ts-expect-error: no label
  expect(() => mse({ pred: a })).toThrow("mse: 'label' is missing; it wants pred, label");
  // @ts-expect-error: no such parameter
  expect(() => huber({ pred: a, label: a }, { detla: 1 })).toThrow(/unknown parameter 'detla'; it has delta/);
});

test('parameters out of range are refused, those left out have their defaults', async () => {
  const x = tensor([1, 3], [2], cpu);
  const given = { pred: x, teacherPred: x, label: x, teacher: x, outlier: x };
  expect(() => tor(given, { eps: 0 })).toThrow('tor: eps must be above 0, got 0');
  expect(() => torDual(given, { eps: NaN })).toThrow('tor-dual: eps must be above 0, got NaN');
  expect(() => torDual(given, { teacherWeight: -1 })).toThrow(
    'tor-dual: teacherWeight must be at least 0, got -1',
  );
  expect(() => huber(given, { delta: 0 })).toThrow('huber: delta must be above 0, got 0');
  expect(() => kdMix(given, { alpha: 1.5 })).toThrow('kd-mix: alpha must lie in [0, 1], got 1.5');
  const label = zeros([2], cpu);
  expect(await huber({ pred: x, label }, { delta: undefined }).item()).toBe((0.5 + 2.5) / 2);
});

test('slopes of the outlier branches at their kink and far away', async () => {
  const backend = await gpu();
  const [zero, one, far] = [0, 1, 1e4].map((value) => tensor([value], [1], backend));
  for (const { loss } of lossCases.filter(
    ({ name, params }) => name.startsWith('tor') && Object.keys(params).length === 0,
  )) {
    const { name } = loss.definition;
    const slopeAt = async (x: Tensor) => {
      const pred = tensor([await x.item()], [1], backend, { requiresGrad: true });
      const given = { pred, teacherPred: zero!, label: far!, teacher: zero!, outlier: one! };
      return grad(loss(given), [pred])[0]!.item();
    };
    expect(await slopeAt(zero!), name).toBe(0);
    const wanted = { square: 2e4, drop: 0 }[name.split('-').at(-1)!] ?? 0.5 / Math.sqrt(1e4);
    expect(await slopeAt(far!), name).toBeCloseTo(wanted, 6);
  }
});
