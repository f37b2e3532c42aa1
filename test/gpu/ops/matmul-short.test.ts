/** The matmul for a short k: the bits of the plain one, and where the rule takes it. */
import { expect, test } from 'vitest';
import { planMatmul, planOf } from '../../../kernels/matmul/matmul-plan.ts';
import { planShort, type ShortPlan } from '../../../kernels/matmul/matmul-short.ts';
import { gpu } from '../../backends.ts';
import { matmulBy, matrices } from '../../matmul-plans.ts';

const plain = { transposeA: false, transposeB: false };

test.each([
  { m: 21, n: 136, k: 8, transposeB: false },
  { m: 9, n: 8, k: 3, transposeB: false },
  // Two products and a bias, which lavapipe would add in another order.
  { m: 16, n: 128, k: 2, transposeB: false },
  { m: 17, n: 132, k: 1, transposeB: true },
])('%o: the bits of the plain plan', async ({ m, n, k, transposeB }) => {
  const options = { transposeA: false, transposeB };
  const run = matmulBy(await gpu(), { m, n, k, ...options });
  const short: ShortPlan = {
    ...{ shortK: k, tileRows: 8, workgroupSize: 32, vectorA: k % 4 === 0, vectorB: true, vectorY: true },
  };
  expect(await run(short)).toEqual(await run(planMatmul({ m, n, k, matrices }, options)));
});

test('the rule takes it on software adapters, for lanes that mostly have columns and 16 products at most', () => {
  const sizes = { m: 150, n: 500, k: 8, matrices: 5 };
  expect(planOf(sizes, plain, 8)).toEqual(planShort(sizes, plain));
  expect(planOf(sizes, plain, 8)).toMatchObject({ shortK: 8, tileRows: 50, vectorA: true });
  expect(planOf(sizes, plain, 0)).toEqual(planMatmul(sizes, plain));
  const isShort = (change: Partial<typeof sizes>, options = plain) =>
    planShort({ ...sizes, ...change }, options) !== undefined;
  expect(isShort({ k: 16 })).toBe(true);
  expect(isShort({ k: 17 })).toBe(false);
  expect(isShort({ n: 502 })).toBe(false);
  expect(isShort({ n: 64 })).toBe(false);
  // 33 of 64 lanes would have columns.
  expect(isShort({ n: 132 })).toBe(false);
  expect(isShort({ n: 100 })).toBe(true);
  expect(isShort({ m: 4 })).toBe(false);
  expect(isShort({}, { transposeA: true, transposeB: false })).toBe(false);
  expect(isShort({}, { transposeA: false, transposeB: true })).toBe(false);
  expect(isShort({ k: 1 }, { transposeA: false, transposeB: true })).toBe(true);
});
