/** The matmul whose lanes share: each way to load, to add a bias and to store gives the bits of the plain plan. */
import { expect, test } from 'vitest';
import {
  matmulPlans,
  planMatmul,
  planSharing,
  type SharingPlan,
} from '../../../kernels/matmul/matmul-plan.ts';
import type { Sharing } from '../../../kernels/matmul/sharing.ts';
import { gpu } from '../../backends.ts';
import { matmulBy, matrices } from '../../matmul-plans.ts';

const cases = (['m', 'n'] as const).flatMap((own) => [
  { own, sharedTile: 8, m: 37, n: 44, k: 12, transposeA: false, transposeB: false },
  { own, sharedTile: 12, m: 40, n: 30, k: 7, transposeA: true, transposeB: false },
  { own, sharedTile: 28, m: 36, n: 36, k: 8, transposeA: false, transposeB: true },
]);

test.each(cases)('%o', async ({ own, sharedTile, ...problem }) => {
  const { m, n, k, transposeA, transposeB } = problem;
  const backend = await gpu();
  const sharing = Math.min(8, backend.subgroupSize) as Sharing;
  const run = matmulBy(backend, problem);
  const plan: SharingPlan = {
    ...{ own, sharedTile, sharing, ownTile: 4, workgroupSize: 8 },
    vectorA: (transposeA ? m : k) % 4 === 0,
    vectorB: (transposeB ? k : n) % 4 === 0,
    vectorY: n % 4 === 0,
    stepK: k % 4 === 0 ? 4 : 1,
  };
  const plain = planMatmul({ m, n, k, matrices }, problem);
  // Without subgroups there is nothing to share with.
  expect(await run(sharing > 0 ? plan : plain)).toEqual(await run(plain));
});

test('tiles beyond 20 are for many products', () => {
  const options = { transposeA: false, transposeB: false };
  const tiles = (size: number) =>
    matmulPlans({ m: size, n: size, k: size }, options, 8).flatMap((plan) =>
      'sharedTile' in plan ? [plan.sharedTile] : [],
    );
  expect(Math.max(...tiles(240))).toBe(20);
  expect(Math.max(...tiles(256))).toBe(32);
  expect(planSharing({ m: 512, n: 512, k: 512 }, options, 8)).toMatchObject({ own: 'm', sharedTile: 32 });
});
