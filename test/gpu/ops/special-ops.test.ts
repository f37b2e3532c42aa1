/**
 * The ops of `cases/` with a NaN, an infinity, and a zero of each sign among their numbers: the GPU against the float64 backend,
 * element by element, in value and first gradient. Normalisations, spreads, products and convolutions are held to what NaN gives.
 */
import { expect, test } from 'vitest';
import { add, equal, exp, greater, mul, square, where } from '../../../engine/ops/pointwise/elementwise.ts';
import { maxPool2d } from '../../../engine/ops/image/pool.ts';
import { logSumExp, max, min } from '../../../engine/ops/reduce/reduce.ts';
import { std, variance } from '../../../engine/ops/reduce/variance.ts';
import { grad } from '../../../engine/grad.ts';
import { withSpecial } from '../../../engine/check/samples.ts';
import { tensor } from '../../../engine/tensor.ts';
import { cpu, gpu } from '../../backends.ts';
import { opCases } from '../../cases/all.ts';
import type { OpCase } from '../../cases/case.ts';
import { convFamily } from '../../cases/conv.ts';
import { matmulFamily } from '../../cases/matmul.ts';
import { normalizeFamily } from '../../cases/normalize.ts';
import { checkBackends } from '../../check.ts';

const inf = Infinity;
const mixing = new Set([convFamily, matmulFamily, normalizeFamily].flatMap(({ cases }) => cases));
// Of an infinite mean the distances are infinite or NaN, as each backend rounds.
const spreads: readonly unknown[] = [variance, std];

const isConv = (opCase: OpCase) => convFamily.cases.includes(opCase);

// The first two cases of each op: a kernel compiles for seconds.
const counts = new Map<unknown, number>();
const chosen = opCases.filter(({ op, inputs }) => {
  const count = counts.get(op) ?? 0;
  if (inputs.some(({ values }) => values.length === 0)) return false;
  counts.set(op, count + 1);
  return count < 2;
});

test.each(chosen)('$name with special numbers', async (opCase) => {
  const { f, inputs, tolerance = 2e-5 } = opCase;
  const isMixing = mixing.has(opCase) || spreads.includes(opCase.op);
  for (const special of isMixing ? [NaN] : [NaN, inf, -inf]) {
    // Of a NaN weight and the zeros of the padding the GPU makes NaN, and the float64 backend, which skips them, nothing.
    const given = inputs.map((input, i) =>
      isConv(opCase) && i > 0 ? input : withSpecial(withSpecial(input, special), -0, [1]),
    );
    await checkBackends(f, given, { order: 1, isSpecial: true, tolerance });
  }
});

// Rows beyond 1,024 are shared among lanes, and beyond 8,192 cut into pieces; in a row of pieces side by side too.
const long = [3, 1100, 9000];
test.each(long)('max, min and logSumExp of %i numbers, one of them special', async (length) => {
  const backend = await gpu();
  const row = (special: number, place: number) =>
    Array.from({ length }, (_, i) => (i === place ? special : i % 7));
  for (const place of [0, length >> 1, length - 1]) {
    const of = (special: number) => tensor(row(special, place), [length], backend);
    for (const f of [max, min, logSumExp]) expect(await f(of(NaN)).item()).toBeNaN();
    expect(await max(of(inf)).item()).toBe(inf);
    expect(await min(of(-inf)).item()).toBe(-inf);
    expect(await logSumExp(of(inf)).item()).toBe(inf);
    expect(await logSumExp(of(-inf)).item()).toBeCloseTo(await logSumExp(of(-1000)).item(), 4);
  }
  const none = tensor(Array<number>(length).fill(-inf), [length], backend);
  expect(await logSumExp(none).item()).toBe(-inf);
});

test('a NaN wins its pooling window, the first of two, and gets the gradient', async () => {
  for (const backend of [cpu, await gpu()])
    for (const size of [4, 16]) {
      // Written out, and as a loop.
      const values = Array.from({ length: size }, (_, i) => (i === 1 || i === 2 ? NaN : i));
      const x = tensor(values, [1, 1, 1, size], backend, { requiresGrad: true });
      const y = maxPool2d(x, { size: [1, size] });
      expect(await y.item()).toBeNaN();
      expect([...(await grad(y, [x])[0]!.data())]).toEqual(values.map((_, i) => (i === 1 ? 1 : 0)));
    }
});

test('the gradient of a comparison is no factor of anything', async () => {
  for (const backend of [cpu, await gpu()]) {
    const x = tensor([100, inf, 1], [3], backend, { requiresGrad: true });
    const isLarge = greater(exp(x), 5);
    const y = where(isLarge, mul(x, 2), x);
    const slope = grad(add(y, equal(square(x), 4)), [x], { seed: tensor([1, 1, 1], [3], backend) })[0]!;
    expect([...(await slope.data())]).toEqual([2, 2, 1]);
  }
});
