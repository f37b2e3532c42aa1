/** matmul: every register tile gives the same bits, and each shape what the reference gives. */
import { afterAll, describe, expect, test } from 'vitest';
import { openDevice } from '../../../engine/device/device.ts';
import { dispatch } from '../../../engine/dispatch.ts';
import { type FusedActivation, linear, matmul } from '../../../engine/ops/matmul/matmul.ts';
import { GpuBackend } from '../../../engine/gpu/gpu.ts';
import { grad } from '../../../engine/grad.ts';
import { type Shape, sizeOf } from '../../../engine/shape.ts';
import { type Tensor, tensor } from '../../../engine/tensor.ts';
import { buildMatmul } from '../../../kernels/matmul/matmul.ts';
import type { MatmulOptions } from '../../../kernels/matmul/matmul-options.ts';
import { type MatmulPlan, planMatmul, planSharing } from '../../../kernels/matmul/matmul-plan.ts';
import { cpu, gpu } from '../../backends.ts';
import { compareValues, noise } from '../../check.ts';

interface Sizes {
  m: number;
  n: number;
  k: number;
}

const flags = [false, true];
const transposes = flags.flatMap((transposeA) => flags.map((transposeB) => ({ transposeA, transposeB })));

/** Tiles that differ in shape; only the chosen plan's may be larger, since lavapipe compiles 8 by 8 for a second. */
const tileShapes = [
  [1, 1],
  [4, 4],
  [2, 3],
  [1, 4],
] as const;

/**
 * Every way to load and store that these sizes allow, each with one tile that suits it, or every tile if there is one
 * way alone. The last is the plan that would be chosen.
 */
function plansFor({ m, n, k }: Sizes, { transposeA, transposeB }: MatmulOptions): MatmulPlan[] {
  const plans: MatmulPlan[] = [];
  for (const stepK of k % 4 === 0 ? [1, 4] : [1]) {
    for (const vectorA of flags)
      for (const vectorB of flags)
        for (const vectorY of flags) {
          // Along k a vec4 is a step of 4; along m or n it is a part of the tile.
          const suits = ([rows, columns]: readonly [number, number]) =>
            (transposeA ? !vectorA || (m % 4 === 0 && rows % 4 === 0) : vectorA === (stepK === 4)) &&
            (transposeB ? vectorB === (stepK === 4) : !vectorB || (n % 4 === 0 && columns % 4 === 0)) &&
            (!vectorY || (n % 4 === 0 && columns % 4 === 0));
          const tiles = tileShapes.filter(suits);
          const some = k % 4 === 0 ? tiles.slice(plans.length % tiles.length).slice(0, 1) : tiles;
          for (const [rows, columns] of some) {
            plans.push({ rows, columns, workgroupSize: 64, vectorA, vectorB, vectorY, stepK });
          }
        }
  }
  return [...plans, planMatmul({ m, n, k }, { transposeA, transposeB })];
}

const everything = transposes.flatMap((options) =>
  [
    { m: 12, n: 8, k: 8 },
    { m: 7, n: 5, k: 9 },
  ].map((sizes) => ({ ...options, ...sizes })),
);

test.each(everything)('all plans give the same bits: %o', async ({ m, n, k, ...given }) => {
  const backend = await gpu();
  const options: MatmulOptions = {
    ...given,
    hasBias: true,
    activation: 'relu',
    hasAddend: true,
    gate: 'tanh',
  };
  const some = plansFor({ m, n, k }, options);
  expect(some.length).toBeGreaterThanOrEqual(5);
  const sizes = [2 * m * k, 2 * k * n, n, 2 * m * n, 2 * m * n];
  const [a, b, bias, addend, gate] = sizes.map((size, i) => tensor(noise(size, i + 1), [size], backend));
  const results = some.map((plan) => {
    const tiles = 2 * Math.ceil(m / plan.rows) * Math.ceil(n / plan.columns);
    const { y } = dispatch(buildMatmul(plan, options), {
      inputs: { a: a!, b: b!, bias: bias!, addend: addend!, gate: gate! },
      uniforms: { m, n, k, matrices: 2, strideA: m * k, strideB: k * n, strideBias: 0 },
      outputs: { y: [2, m, n] },
      workgroups: Math.ceil(tiles / plan.workgroupSize),
    });
    return y!;
  });
  const chosen = await results.at(-1)!.data();
  for (const [i, y] of results.entries()) expect(await y.data(), JSON.stringify(some[i])).toEqual(chosen);
  const shapes = options.transposeA ? [2, k, m] : [2, m, k];
  const right = options.transposeB ? [2, n, k] : [2, k, n];
  const wanted = await product(shapes, right, options);
  compareValues('(relu(a @ b + bias) + addend) (1 - gate²)', chosen, wanted, 2e-6);

  async function product(shapeA: Shape, shapeB: Shape, { transposeA, transposeB }: MatmulOptions) {
    const all = [shapeA, shapeB, [n], [2, m, n], [2, m, n]];
    const [x, y, z, more, behind] = all.map((shape, i) => noise(sizeOf(shape), i + 1));
    const at = (i: number, row: number, p: number) =>
      x![i * m * k + (transposeA ? p * m + row : row * k + p)]!;
    const other = (i: number, p: number, j: number) => y![i * k * n + (transposeB ? j * k + p : p * n + j)]!;
    return Float64Array.from({ length: 2 * m * n }, (_, index) => {
      const [i, row, column] = [Math.floor(index / (m * n)), Math.floor(index / n) % m, index % n];
      let sum = z![column]!;
      for (let p = 0; p < k; p++) sum += at(i, row, p) * other(i, p, column);
      return (Math.max(sum, 0) + more![index]!) * (1 - behind![index]! ** 2);
    });
  }
});

describe.each(transposes)('%o', (options) => {
  test('small sizes with whole and odd k equal the reference', async () => {
    const backend = await gpu();
    // All of them without transposes; else those that choose differently. Each kernel compiles for a third of a second.
    const isPlain = !options.transposeA && !options.transposeB;
    const lengths = isPlain ? [1, 2, 3, 4, 5, 6, 7, 8, 9] : [1, 3, 5, 8];
    const pairs: { got: Tensor; wanted: Tensor; name: string }[] = [];
    for (const m of lengths) {
      for (const n of lengths) {
        // Half of them with a k that vec4 loads suit: every combination would double what lavapipe compiles.
        const k = (m + n) % 2 === 0 ? 8 : 1 + ((3 * m + n) % 7);
        const shapeA = options.transposeA ? [k, m] : [m, k];
        const shapeB = options.transposeB ? [n, k] : [k, n];
        const on = (where: typeof cpu) =>
          matmul(operand(shapeA, 1, where), operand(shapeB, 2, where), options);
        pairs.push({ got: on(backend), wanted: on(cpu), name: `${m}, ${k}, ${n}` });
      }
    }
    for (const { got, wanted, name } of pairs)
      compareValues(name, await got.data(), await wanted.data(), 2e-6);
  });

  test('large enough for the largest tile, with rests in every direction', async () => {
    const backend = await gpu();
    for (const [m, k, n] of [
      [64, 12, 72],
      [67, 5, 70],
    ] as const) {
      const shapeA = options.transposeA ? [k, m] : [m, k];
      const shapeB = options.transposeB ? [n, k] : [k, n];
      const [got, wanted] = [backend, cpu].map((where) =>
        matmul(operand(shapeA, 1, where), operand(shapeB, 2, where), options).data(),
      );
      compareValues(`${m}, ${k}, ${n}`, await got!, await wanted!, 2e-6);
    }
  });
});

describe('lanes that share what they load do not change the bits', async () => {
  const opened = await openDevice();
  const { subgroupSize } = opened.info;
  /** The device with subgroups of another size, as those of an adapter on which lanes share. */
  const withSubgroups = (size: number) =>
    new GpuBackend({ ...opened, info: { ...opened.info, isSoftware: true, subgroupSize: size } });
  // Four lanes share on every adapter that has subgroups, eight where the smallest has as many.
  const lanes = [...new Set([4, subgroupSize].map((size) => Math.min(size, subgroupSize)))];
  const alone = withSubgroups(0);
  afterAll(() => opened.close());

  // Whole and odd lengths, rests of tiles, models side by side.
  const shapes = [
    { m: 76, n: 100, k: 64, models: 1 },
    { m: 67, n: 70, k: 61, models: 1 },
  ];
  const cases = [
    ...shapes.flatMap((sizes) => transposes.map((options) => ({ ...sizes, ...options }))),
    { m: 45, n: 83, k: 36, models: 3, transposeA: true, transposeB: false },
  ];
  test.each(cases)('%o', async ({ m, n, k, models, ...options }) => {
    expect(planSharing({ m, n, k, matrices: models }, options, 4)).toBeDefined();
    const results = async (backend: GpuBackend) => {
      const a = operand(options.transposeA ? [models, k, m] : [models, m, k], 1, backend);
      const b = operand(options.transposeB ? [models, n, k] : [models, k, n], 2, backend);
      return bits([matmul(a, b, options)]);
    };
    const wanted = await results(alone);
    for (const size of lanes) expect(await results(withSubgroups(size))).toEqual(wanted);
  });

  test('with bias, activation and the gradients of both', async () => {
    const results = async (backend: GpuBackend) => {
      const [x, weight, bias] = [[66, 100], [100, 68], [68]].map((shape, i) =>
        operand(shape, i + 1, backend),
      );
      const y = linear(x!, weight!, bias, 'tanh');
      return bits([y, ...grad(y, [x!, weight!, bias!], { seed: operand(y.shape, 4, backend) })]);
    };
    const wanted = await results(alone);
    for (const size of lanes) expect(await results(withSubgroups(size))).toEqual(wanted);
  });

  async function bits(tensors: Tensor[]): Promise<number[][]> {
    const values = await Promise.all(tensors.map((one) => one.data()));
    return values.map((v) => [...new Uint32Array(Float32Array.from(v).buffer)]);
  }

  test('and are not chosen for what is small', () => {
    const options = { transposeA: false, transposeB: false };
    const chosen = (m: number, n: number, k: number) => planSharing({ m, n, k }, options, 8);
    expect(chosen(256, 256, 256)).toBeDefined();
    for (const [m, n, k] of [
      [16, 32, 32],
      [100_000, 1, 100],
      [1, 1000, 1000],
      [1000, 1000, 2],
    ] as const)
      expect(chosen(m, n, k), `${m}, ${n}, ${k}`).toBeUndefined();
    expect(planSharing({ m: 256, n: 256, k: 256 }, options, 0)).toBeUndefined();
  });
});

test('no rows, no columns, nothing to add up', async () => {
  for (const backend of [cpu, await gpu()]) {
    const on = (...shapes: [Shape, Shape]) =>
      matmul(operand(shapes[0], 1, backend), operand(shapes[1], 2, backend));
    expect(on([0, 3], [3, 2]).shape).toEqual([0, 2]);
    expect(on([2, 3], [3, 0]).shape).toEqual([2, 0]);
    expect([...(await on([2, 0], [0, 3]).data())]).toEqual([0, 0, 0, 0, 0, 0]);
    expect([...(await on([2, 1, 0], [2, 0, 2]).data())]).toEqual([0, 0, 0, 0]);
    expect(await on([0], [0]).item()).toBe(0);
    expect(on([0, 2, 3], [3, 4]).shape).toEqual([0, 2, 4]);
  }
});

test('gradients of weight and bias in one dispatch equal their meaning', async () => {
  const backend = await gpu();
  const cases: [Shape, Shape, Shape, FusedActivation][] = [
    [[6, 3], [3, 5], [5], 'tanh'],
    [[2, 6, 3], [3, 5], [5], 'tanh'],
    [[2, 6, 3], [2, 3, 5], [2, 5], 'sigmoid'],
    [[5, 64], [64, 72], [72], 'relu'],
    [[5, 1], [1, 1], [1], 'identity'],
    [[1, 9], [9, 13], [13], 'tanh'],
    // The sum of more than 1,024 rows goes another way than the fused one.
    [[1100, 2], [2, 4], [4], 'tanh'],
  ];
  for (const [shapeX, shapeW, shapeB, activation] of cases) {
    const [x, weight, bias] = [shapeX, shapeW, shapeB].map((shape, i) => operand(shape, i + 1, backend));
    const y = linear(x!, weight!, bias, activation);
    const seed = operand(y.shape, 4, backend);
    const wanted = grad(y, [weight!, bias!], { seed, createGraph: true });
    const before = backend.stats().dispatches;
    const got = grad(y, [weight!, bias!], { seed });
    expect(backend.stats().dispatches - before).toBeLessThanOrEqual(2);
    for (const [i, gradient] of got.entries()) {
      expect(gradient.shape).toEqual(wanted[i]!.shape);
      compareValues(`${shapeX} ${i}`, await gradient.data(), await wanted[i]!.data(), 5e-6);
    }
  }
});

function operand(shape: Shape, seed: number, backend: typeof cpu): Tensor {
  return tensor(noise(sizeOf(shape), seed), shape, backend, { requiresGrad: true });
}
