/** The kernel of small networks has every bit of ordinary steps: losses, parameters, moments, latch. */
import { describe, expect, test } from 'vitest';
import { dispatch, workgroupsFor } from '../../../../engine/dispatch.ts';
import { permutation } from '../../../../engine/random.ts';
import { lanesOf } from '../../../../engine/small/lanes.ts';
import { outsideTidy, tensor, zeros } from '../../../../engine/tensor.ts';
import { shuffleRows } from '../../../../kernels/small-network/shuffle.ts';
import { huber, kdMix, mae, mse } from '../../../../losses/regression.ts';
import type { Loss } from '../../../../losses/loss.ts';
import { torDual, torDualDrop, torDualSmooth, torDualSquare } from '../../../../losses/tor-dual.ts';
import { gpu } from '../../../backends.ts';
import { bothWays, differences, type SmallCase, hasNoSubgroups } from '../../../small-networks.ts';

const given = (loss: unknown) => loss as Loss<string, string>;

/** A case of each kind. Each compiles a kernel, so networks are as small as their kind allows. */
const cases: Record<string, SmallCase> = {
  'one head, one model': { widths: [8], loss: given(mse) },
  'two heads, two layers, a turn that the batch does not fill': {
    widths: [16, 8],
    loss: given(torDualSmooth),
    batch: 22,
  },
  'seeds, widths that do not fill the lanes': { widths: [5, 11], loss: given(torDual), seeds: 3, batch: 33 },
  'several inputs and outputs': { widths: [6, 3, 9], inputs: 5, outputs: 3, loss: given(mse), batch: 10 },
  'two heads of several outputs': { widths: [7], outputs: 5, loss: given(torDualSquare), batch: 12 },
  // Two products and a bias, which lavapipe would add in another order.
  'layers two wide': { widths: [2, 2], inputs: 2, loss: given(mse), batch: 4, rows: 30, seeds: 2 },
  'relu, sgd with momentum': {
    ...{ widths: [8, 8], activation: 'relu', loss: given(mae) },
    ...{ optimizer: 'sgd', options: { momentum: 0.9, weightDecay: 1e-2 } },
  },
  'sigmoid, rmsProp': { widths: [9], activation: 'sigmoid', loss: given(huber), optimizer: 'rmsProp' },
  'gelu, adamW, clipped': {
    ...{ widths: [8, 6], activation: 'gelu', loss: given(torDualDrop), seeds: 2 },
    ...{ optimizer: 'adamW', options: { maxGradNorm: 0.05 } },
  },
  'silu, a scheduled share': {
    ...{
      widths: [4],
      activation: 'silu',
      loss: given(kdMix),
      params: { alpha: (step: number) => 1 / (1 + step) },
    },
  },
  'a wide network of several inputs, a row a turn': {
    ...{ widths: [32, 32], inputs: 13, loss: given(mse), batch: 9, steps: 3 },
  },
  'a batch of several blocks': { widths: [4], loss: given(mse), rows: 600, batch: 290, steps: 6 },
  'a batch as long as the data, one step a dispatch': {
    widths: [4],
    loss: given(mse),
    rows: 20,
    batch: 20,
    most: 1,
  },
  'a clipped network beyond a thousand numbers': {
    ...{ widths: [30, 31], loss: given(mse), batch: 8, steps: 4, options: { maxGradNorm: 0.01 } },
  },
};

/** With lanes of 4 they have twice as many vectors, which by the estimate take too long to compile: refused there. */
const tooWideForFour = [
  'a wide network of several inputs, a row a turn',
  'a clipped network beyond a thousand numbers',
];

// Without subgroups there is no such kernel (`hasNoSubgroups`); ordinary steps have tests of their own.
describe.skipIf(hasNoSubgroups)('as ordinary steps', () => {
  test.each(Object.entries(cases))('%s', async (name, one) => {
    const backend = await gpu();
    if (tooWideForFour.includes(name) && (await lanesOf(backend)) === 4) {
      await expect(bothWays(backend, one)).rejects.toThrow('its kernel would take too long to compile');
      return;
    }
    const [ordinary, small] = await bothWays(backend, one);
    expect(differences(ordinary, small)).toEqual([]);
    expect(ordinary.losses[0]!.every(Number.isFinite)).toBe(true);
  });

  test.each([
    ['a NaN among the labels', 'label', NaN],
    ['an infinite input', 'x', Infinity],
    ['labels whose gradients overflow', 'label', 3e37],
  ])('%s: the latch and what came before it', async (_, column, number) => {
    const damage = (name: string, values: Float32Array) => {
      // Of the second of three seeds.
      if (name === column) values[70] = number;
    };
    const [ordinary, small] = await bothWays(await gpu(), {
      ...{ widths: [8], activation: 'relu', loss: given(mse), seeds: 3, steps: 8, damage },
    });
    expect(differences(ordinary, small)).toEqual([]);
    const latch = [...ordinary.state.latch!];
    expect(latch.map((step) => step > 0)).toEqual([false, true, false]);
  });
});

test('orders of rows are those of the host', async () => {
  const backend = await gpu();
  const [rows, slots, seeds] = [37, 3, [4, 2 ** 40 + 1]];
  const integers = (values: number[]) =>
    outsideTidy(() => tensor(values, [values.length], backend, { dtype: 'u32' }));
  const order = outsideTidy(() => zeros([2, slots, rows], backend, { dtype: 'u32' }));
  const work = integers([0, 0, 0, 5, 2, 0, 0, 0]);
  const keys = integers(seeds.flatMap((seed) => [seed % 2 ** 32, Math.floor(seed / 2 ** 32)]));
  dispatch(shuffleRows, {
    inputs: { work, keys },
    uniforms: { rows, seeds: 2, slots },
    outputs: { order },
    workgroups: workgroupsFor(shuffleRows, 4),
  });
  const made = await order.data();
  for (const [s, seed] of seeds.entries())
    for (const epoch of [5, 6]) {
      const from = (s * slots + (epoch % slots)) * rows;
      expect([...made.slice(from, from + rows)]).toEqual([...permutation(rows, { seed, epoch })]);
    }
  for (const x of [order, work, keys]) x.dispose();
});
