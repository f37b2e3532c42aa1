/**
 * Every op of `cases/`: its gradients to order 2 against finite differences. All of it in float64 on the CPU backend,
 * where hosts do not differ; `gpu/ops.test.ts` holds the GPU to that backend, gradients too.
 */
import { expect, test } from 'vitest';
import { detach, greater, mul, where } from '../../engine/ops/pointwise/elementwise.ts';
import { map } from '../../engine/ops/pointwise/map.ts';
import { record } from '../../engine/tape.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { opCases, opExports } from '../cases/all.ts';
import { checkGrads } from '../check.ts';

test.each(opCases)('$name: gradients', ({ f, inputs }) => checkGrads(f, inputs));

test('no op is without a case', () => {
  const covered = new Set(opCases.map(({ op }) => op));
  const missing = Object.entries(opExports).filter(
    ([, value]) => typeof value === 'function' && !covered.has(value),
  );
  // `gpu/engine/autograd.test.ts` has detach.
  expect(missing.map(([name]) => name)).toEqual(['detach']);
});

test('checkGrads finds a wrong gradient, of order 1 and of order 2', async () => {
  const x = { shape: [3], values: [0.3, -0.7, 1.3] };
  // A jump in the sampled interval.
  await expect(checkGrads((a) => mul(a, where(greater(a, 0.3), 2, 1)), [x])).rejects.toMatchObject({
    message: expect.stringMatching(/^order 1, direction 0: grad .*; by element 0 of input 0: /) as string,
    difference: { what: 'gradient of order 1', input: 0, element: 0 },
  });
  // The square with its factor detached: right once, wrong twice.
  const halfRecorded = (a: Tensor) =>
    record('square', map('square', a), [a], (g) => [mul(g, mul(detach(a), 2))]);
  await expect(checkGrads(halfRecorded, [x])).rejects.toThrow('order 2, direction 0: grad');
});
