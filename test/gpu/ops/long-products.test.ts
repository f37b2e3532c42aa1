/** Long sums of products: added in blocks, with the same bits in every kernel, and close to the exact sum at any length. */
import { describe, expect, test, vi } from 'vitest';
import { grad } from '../../../engine/grad.ts';
import { conv2d, conv2dWeightGrad } from '../../../engine/ops/conv2d/conv2d.ts';
import { full, ones } from '../../../engine/ops/fill.ts';
import { linear, matmul } from '../../../engine/ops/matmul/matmul.ts';
import { tensor } from '../../../engine/tensor.ts';
import { matmulPlans, planMatmul, type SharingPlan } from '../../../kernels/matmul/matmul-plan.ts';
import type { Sharing } from '../../../kernels/matmul/sharing.ts';
import { gpu } from '../../backends.ts';
import { noise } from '../../check.ts';
import { matmulBy, matrices } from '../../matmul-plans.ts';

// A cold cache of shaders on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const backend = await gpu();
const round = Math.fround;

/** Float32 additions one by one, of blocks of `length` and of what the additions of their sums lose. */
function inBlocks(terms: readonly number[], length: number): number {
  let [all, lost] = [0, 0];
  for (let begin = 0; begin < terms.length; begin += length) {
    const sum = terms.slice(begin, begin + length).reduce((total, term) => round(total + term), 0);
    const next = round(all + sum);
    lost = round(lost + round(sum - round(next - all)));
    all = next;
  }
  return round(all + lost);
}

/** The error of a sum, as a part of the sum of all terms without their signs. */
function errorOf(got: number, terms: readonly number[]): number {
  const exact = terms.reduce((total, term) => total + term, 0);
  return Math.abs(got - exact) / terms.reduce((total, term) => total + Math.abs(term), 0);
}

const columns: Record<string, (length: number) => number[]> = {
  '0.1': (length) => Array<number>(length).fill(round(0.1)),
  // Of 40,000 constants that which rounds worst in 32 additions.
  '1.8827': (length) => Array<number>(length).fill(round(1.882699966430664)),
  'random numbers': (length) => [...noise(length, 1)].map(round),
  'alternating signs': (length) => Array.from({ length }, (_, i) => (i % 2 === 0 ? round(1.1) : -1)),
};

describe('matmul', () => {
  test.each([1, 255, 256, 257, 511, 512, 513, 1024, 1025, 1500])(
    '%i products: the bits of blocks',
    async (k) => {
      const [a, b] = [noise(2 * k, 1), noise(2 * k, 2)].map((values) => [...values].map(round));
      const y = await matmul(tensor(a!, [2, k], backend), tensor(b!, [k, 2], backend)).data();
      for (const [place, value] of y.entries()) {
        const [i, j] = [Math.floor(place / 2), place % 2];
        const terms = Array.from({ length: k }, (_, p) => round(a![i * k + p]! * b![2 * p + j]!));
        expect(value).toBe(inBlocks(terms, 256));
      }
    },
  );

  const sizes = { m: 9, n: 12 };
  test.each([
    { own: 'm', k: 513, transposeA: false, transposeB: false },
    { own: 'n', k: 516, transposeA: false, transposeB: true },
    { own: 'n', k: 1028, transposeA: true, transposeB: false },
    { own: 'm', k: 259, transposeA: true, transposeB: true },
  ])('every plan gives the same bits: %o', async ({ own, ...problem }) => {
    const sharing = Math.min(8, backend.subgroupSize) as Sharing;
    const run = matmulBy(backend, { ...sizes, ...problem });
    const all = { ...sizes, k: problem.k, matrices };
    const wanted = await run(planMatmul(all, problem));
    const shared = matmulPlans(all, problem, sharing).find(
      (plan): plan is SharingPlan => 'sharing' in plan && plan.sharedTile === 8 && plan.own === own,
    );
    const small = { ...planMatmul(all, problem), rows: 1, columns: 4 };
    for (const plan of [small, ...(shared ? [shared] : [])])
      expect(await run(plan), JSON.stringify(plan)).toEqual(wanted);
  });

  test.each(Object.entries(columns))('100,000 of %s', async (_, make) => {
    const terms = make(100_000);
    const column = tensor(terms, [terms.length, 1], backend);
    const got = await matmul(ones([1, terms.length], backend), column).item();
    expect(errorOf(got, terms)).toBeLessThan(5e-6);
  });

  test('a batch that shares b adds as each of it alone', async () => {
    const a = tensor(noise(2 * 3 * 700, 1), [2, 3, 700], backend);
    const b = tensor(noise(700 * 4, 2), [700, 4], backend);
    const all = [...(await matmul(a, b).data())];
    const more = tensor([...noise(700 * 4, 2), ...noise(700 * 4, 2)], [2, 700, 4], backend);
    expect([...(await matmul(a, more).data())]).toEqual(all);
  });

  test('sums that overflow are infinite, not NaN', async () => {
    const huge = full([1, 600], 3e38, backend);
    expect(await matmul(huge, ones([600, 1], backend)).item()).toBe(Infinity);
    const late = [...Array<number>(599).fill(1), -Infinity];
    expect(await matmul(tensor(late, [1, 600], backend), ones([600, 1], backend)).item()).toBe(-Infinity);
  });
});

test.each([200, 3000])('gradients of linear over %i rows, recorded and not', async (rows) => {
  for (const make of Object.values(columns)) {
    const terms = make(rows);
    const weight = tensor([0], [1, 1], backend, { requiresGrad: true });
    const bias = tensor([0], [1], backend, { requiresGrad: true });
    const y = linear(ones([rows, 1], backend), weight, bias);
    const seed = tensor(terms, [rows, 1], backend);
    const [byWeight, byBias] = grad(y, [weight, bias], { seed });
    expect(errorOf((await byBias!.data())[0]!, terms)).toBeLessThan(6e-7);
    expect((await byBias!.data())[0]).toBe(inBlocks(terms, 32));
    expect((await byWeight!.data())[0]).toBe(inBlocks(terms, 256));
    const [recorded] = grad(y, [weight], { seed, createGraph: true });
    expect(await recorded!.data()).toEqual(await byWeight!.data());
  }
});

describe('convolutions', () => {
  // The channels, the rows of a kernel, and its columns are cut into blocks.
  test.each([
    { channels: 60, kernel: [3, 3], block: 28 * 9 },
    { channels: 300, kernel: [1, 1], block: 256 },
    { channels: 2, kernel: [20, 15], block: 17 * 15 },
    { channels: 2, kernel: [1, 300], block: 256 },
  ] as const)('an output of $channels channels of $kernel', async ({ channels, kernel, block }) => {
    const [height, width] = kernel;
    const size = channels * height * width;
    const [x, weight] = [noise(size, 1), noise(size, 2)].map((values) => [...values].map(round));
    const shape = [1, channels, height, width];
    const y = await conv2d(tensor(x!, shape, backend), tensor(weight!, shape, backend)).item();
    const products = x!.map((value, i) => round(value * weight![i]!));
    // A block ends with its channel where a channel has more than one.
    const unit = height * width > 256 ? height * width : size;
    let [all, lost] = [0, 0];
    for (let first = 0; first < size; first += unit) {
      for (let begin = first; begin < first + unit; begin += block) {
        const terms = products.slice(begin, Math.min(begin + block, first + unit));
        const sum = terms.reduce((total, term) => round(total + term), 0);
        const next = round(all + sum);
        lost = round(lost + round(sum - round(next - all)));
        all = next;
      }
    }
    expect(y).toBe(round(all + lost));
  });

  // Whole batches of few pieces; and the first of many pieces, which has two blocks, with nothing in the others.
  test.each([
    { rows: 40, width: 7, terms: 280 },
    { rows: 2, width: 600, terms: 1200 },
    { rows: 4096, width: 32, terms: 512 },
    { rows: 16_384, width: 1, terms: 64 },
  ])('the weight gradient: %o', async ({ rows, width, terms: count }) => {
    for (const [name, make] of Object.entries(columns)) {
      const terms = make(count);
      const all = Object.assign(new Float32Array(rows * width), terms);
      const images = rows / 2;
      const x = tensor(all, [images, 1, 2, width], backend);
      const y = await conv2dWeightGrad(x, ones([images, 1, 2, width], backend), 1).item();
      expect(errorOf(y, terms), name).toBeLessThan(6e-7);
    }
  });

  test('neighbours in a row are added first', async () => {
    const [x, g] = [noise(26, 1), noise(26, 2)].map((values) => [...values].map(round));
    const [left, right] = [x!, g!].map((values) => tensor(values, [1, 1, 2, 13], backend));
    // 13 columns are two turns, of 7 and of 6.
    const turns = [0, 7, 13, 20].map((begin, i) => [begin, [7, 13, 20, 26][i]!] as const);
    const wanted = turns.reduce((total, [begin, end]) => {
      const products = x!.slice(begin, end).map((value, i) => round(value * g![begin + i]!));
      return round(total + products.reduce((sum, term) => round(sum + term)));
    }, 0);
    expect(await conv2dWeightGrad(left!, right!, 1).item()).toBe(wanted);
  });
});
