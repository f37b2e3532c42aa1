/** The matmul whose lanes share: each way to load, to add a bias and to store gives the bits of the plain plan. */
import { expect, test, vi } from 'vitest';
import { dispatch } from '../../engine/dispatch.ts';
import { tensor } from '../../engine/tensor.ts';
import { buildMatmul, workgroupsOf } from '../../kernels/matmul.ts';
import type { MatmulOptions } from '../../kernels/matmul-options.ts';
import {
  type AnyPlan,
  matmulPlans,
  planMatmul,
  planSharing,
  type SharingPlan,
} from '../../kernels/matmul-plan.ts';
import type { Sharing } from '../../kernels/sharing.ts';
import { gpu } from '../backends.ts';
import { noise } from '../check.ts';

// A cold cache of shaders on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const matrices = 2;
const cases = (['m', 'n'] as const).flatMap((own) => [
  { own, sharedTile: 8, m: 37, n: 44, k: 12, transposeA: false, transposeB: false },
  { own, sharedTile: 12, m: 40, n: 30, k: 7, transposeA: true, transposeB: false },
  { own, sharedTile: 28, m: 36, n: 36, k: 8, transposeA: false, transposeB: true },
]);

test.each(cases)('%o', async ({ own, sharedTile, m, n, k, ...transposes }) => {
  const backend = await gpu();
  const sharing = Math.min(8, backend.subgroupSize) as Sharing;
  const options: MatmulOptions = {
    ...{ ...transposes, hasBias: true, activation: 'tanh' },
    ...{ hasAddend: true, gate: 'sigmoid' },
  };
  const draw = (size: number, seed: number) => tensor(noise(size, seed), [size], backend);
  const inputs = {
    a: draw(matrices * m * k, 1),
    b: draw(matrices * k * n, 2),
    bias: draw(matrices * n, 3),
    addend: draw(matrices * m * n, 4),
    gate: draw(matrices * m * n, 5),
  };
  const run = (plan: AnyPlan) =>
    dispatch(buildMatmul(plan, options), {
      inputs,
      uniforms: { m, n, k, matrices, strideA: m * k, strideB: k * n, strideBias: n },
      outputs: { y: [matrices, m, n] },
      workgroups: workgroupsOf(plan, { m, n, matrices }),
    }).y!.data();
  const plan: SharingPlan = {
    ...{ own, sharedTile, sharing, ownTile: 4, workgroupSize: 8 },
    vectorA: (options.transposeA ? m : k) % 4 === 0,
    vectorB: (options.transposeB ? k : n) % 4 === 0,
    vectorY: n % 4 === 0,
    stepK: k % 4 === 0 ? 4 : 1,
  };
  const plain = planMatmul({ m, n, k, matrices }, options);
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
