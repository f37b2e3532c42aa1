/** Convolutions: against PyTorch, the same bits whatever the tile, and errors that name what does not fit. */
import { afterAll, describe, expect, test } from 'vitest';
import type { Backend, Values } from '../../../engine/backend.ts';
import { openDevice } from '../../../engine/device/device.ts';
import { GpuBackend } from '../../../engine/gpu/gpu.ts';
import { grad } from '../../../engine/grad.ts';
import {
  conv2d,
  type Conv2dOptions,
  convTranspose2d,
  type ConvTranspose2dOptions,
  conv2dWeightGrad,
} from '../../../engine/ops/conv2d/conv2d.ts';
import { sharingOf } from '../../../engine/ops/matmul/sharing.ts';
import { mul } from '../../../engine/ops/pointwise/elementwise.ts';
import { concat } from '../../../engine/ops/movement/concat.ts';
import { slice } from '../../../engine/ops/movement/slice.ts';
import { sum } from '../../../engine/ops/reduce/sum.ts';
import { type Shape, sizeOf } from '../../../engine/shape.ts';
import { type Tensor, tensor, zeros } from '../../../engine/tensor.ts';
import { correlation } from '../../../kernels/conv2d/conv2d.ts';
import { planCorrelation } from '../../../kernels/conv2d/conv2d-plan.ts';
import { cpu, gpu } from '../../backends.ts';
import { noise } from '../../check.ts';
import fixtures from '../../fixtures/conv.json' with { type: 'json' };

interface Fixture {
  op: 'conv2d' | 'convTranspose2d';
  x: number[];
  weight: number[];
  options: Conv2dOptions & ConvTranspose2dOptions;
  shape: number[];
  y: number[];
  /** By x, weight and bias. */
  gradients: number[][];
}

// JSON widens what the interface narrows.
const cases = fixtures.cases as unknown as Fixture[];

/** The numbers that `fixtures/conv.py` makes. */
function made(shape: Shape, seed: number, backend: Backend, requiresGrad = false): Tensor {
  const values = Float32Array.from(
    { length: sizeOf(shape) },
    (_, i) => ((31 * i * i + 17 * i + 101 * seed) % 1009) / 504.5 - 1,
  );
  return tensor(values, shape, backend, { requiresGrad });
}

/** The largest difference, as a part of the largest number wanted. */
function relativeError(got: Values, wanted: readonly number[]): number {
  expect(got.length).toBe(wanted.length);
  const largest = Math.max(...wanted.map(Math.abs));
  return Math.max(...wanted.map((value, i) => Math.abs(got[i]! - value))) / largest;
}

const backends: [string, () => Promise<Backend>, number][] = [
  ['CPU, to 1e-10', async () => cpu, 1e-10],
  ['GPU, to 1e-5', gpu, 1e-5],
];

describe.each(backends)('PyTorch on the %s', (_, open, tolerance) => {
  test.each(
    cases.map((fixture) => [
      JSON.stringify([fixture.op, fixture.x, fixture.weight, fixture.options]),
      fixture,
    ]),
  )('%s', async (_name, fixture) => {
    const { op, shape, options } = fixture as Fixture;
    const { x, weight, y: wanted, gradients } = fixture as Fixture;
    const backend = await open();
    const outputs = op === 'conv2d' ? weight[0]! : weight[1]! * (options.groups ?? 1);
    const inputs = [
      made(x, 1, backend, true),
      made(weight, 2, backend, true),
      made([outputs], 3, backend, true),
    ];
    const y = (op === 'conv2d' ? conv2d : convTranspose2d)(inputs[0]!, inputs[1]!, inputs[2], options);
    expect(y.shape).toEqual(shape);
    expect(relativeError(await y.data(), wanted)).toBeLessThan(tolerance);
    const got = grad(sum(mul(y, made(shape, 4, backend))), inputs);
    for (const [i, gradient] of got.entries()) {
      expect(relativeError(await gradient.data(), gradients[i]!)).toBeLessThan(tolerance);
    }
  });
});

test('the fixture has what it should', () => {
  expect(cases.length).toBeGreaterThanOrEqual(40);
  for (const option of ['stride', 'padding', 'dilation', 'groups', 'outputPadding'] as const) {
    expect(cases.filter(({ options }) => options[option] !== undefined).length, option).toBeGreaterThan(1);
  }
});

describe('the tile does not change the bits', async () => {
  const backend = await gpu();
  const random = (shape: Shape, seed: number) => tensor(noise(sizeOf(shape), seed), shape, backend);
  const bits = async (x: Tensor) => [...new Uint32Array(Float32Array.from(await x.data()).buffer)];
  const same = async (a: Tensor, b: Tensor) => {
    expect(a.shape).toEqual(b.shape);
    expect(await bits(a)).toEqual(await bits(b));
  };
  const x = random([2, 5, 7, 19], 1);
  const weight = random([16, 5, 3, 3], 2);
  /** Zeros around an axis. */
  const widened = (t: Tensor, axis: number, before: number, after: number) => {
    const band = (width: number) => zeros(t.shape.with(axis, width), backend);
    return concat([band(before), t, band(after)], axis);
  };

  test('of output channels: 8, 4 and 1 at once', async () => {
    const all = conv2d(x, weight, undefined, { padding: 1 });
    await same(slice(all, 1, 3, 7), conv2d(x, slice(weight, 0, 3, 7), undefined, { padding: 1 }));
    await same(slice(all, 1, 9, 10), conv2d(x, slice(weight, 0, 9, 10), undefined, { padding: 1 }));
  });

  test('of columns: 6 and 5 at once', async () => {
    const all = conv2d(x, weight); // 17 columns
    await same(slice(all, 3, 2, 7), conv2d(slice(x, 3, 2, 9), weight));
  });

  test('nor do checks for the border', async () => {
    const padded = widened(widened(x, 2, 1, 1), 3, 2, 0);
    await same(conv2d(padded, weight), conv2d(x, weight, undefined, { padding: [1, 1, 2, 0] }));
    const g = random([2, 16, 7, 19], 3);
    const around = widened(widened(x, 2, 1, 1), 3, 1, 1);
    await same(conv2dWeightGrad(around, g, 3), conv2dWeightGrad(x, g, 3, { padding: 1 }));
  });

  test('nor does a loop over the taps, or an image taken as one row', async () => {
    const wide = widened(weight, 3, 3, 3); // 9 columns
    await same(
      conv2d(x, weight, undefined, { padding: 1 }),
      conv2d(x, wide, undefined, { padding: [1, 1, 4, 4] }),
    );
    const point = random([16, 5, 1, 1], 4);
    const around = widened(widened(point, 2, 1, 1), 3, 1, 1);
    await same(conv2d(x, point), conv2d(x, around, undefined, { padding: 1 }));
  });

  test('of the weight gradient', async () => {
    const g = random([2, 16, 5, 17], 3);
    const all = conv2dWeightGrad(x, g, 3);
    await same(slice(all, 0, 5, 6), conv2dWeightGrad(x, slice(g, 1, 5, 6), 3));
    await same(slice(all, 1, 4, 5), conv2dWeightGrad(slice(x, 1, 4, 5), g, 3));
    const wide = conv2dWeightGrad(widened(x, 3, 3, 3), g, [3, 9]);
    await same(slice(wide, 3, 3, 6), all);
  });

  test('models are what each would be alone', async () => {
    const [xs, weights] = [random([3, 2, 5, 7, 9], 5), random([3, 4, 5, 3, 3], 6)];
    const ys = conv2d(xs, weights, undefined, { padding: 1, stride: 2 });
    const gs = conv2dWeightGrad(xs, ys, 3, { padding: 1, stride: 2 });
    const back = convTranspose2d(ys, weights, undefined, { padding: 1, stride: 2 });
    const one = (t: Tensor, model: number) => slice(t, 0, model, model + 1);
    for (const model of [0, 2]) {
      const [xOne, weightOne, yOne] = [one(xs, model), one(weights, model), one(ys, model)];
      await same(yOne, conv2d(xOne, weightOne, undefined, { padding: 1, stride: 2 }));
      await same(one(gs, model), conv2dWeightGrad(xOne, yOne, 3, { padding: 1, stride: 2 }));
      await same(one(back, model), convTranspose2d(yOne, weightOne, undefined, { padding: 1, stride: 2 }));
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
  const sizes = [4, subgroupSize].map((size) => Math.min(size, subgroupSize));
  const alone = withSubgroups(0);
  afterAll(() => opened.close());

  const shapes: [string, Shape, Shape, Conv2dOptions][] = [
    ['20 channels', [2, 3, 9, 30], [20, 3, 5, 5], {}],
    ['one input and one output channel', [3, 1, 9, 35], [1, 1, 5, 5], { padding: 2 }],
    ['5 channels in steps', [2, 6, 11, 13], [5, 6, 3, 3], { stride: [1, 2], padding: 1, dilation: [2, 1] }],
    ['groups', [2, 12, 7, 9], [27, 4, 3, 3], { groups: 3 }],
    ['a kernel of one pixel', [2, 33, 5, 7], [11, 33, 1, 1], {}],
    ['blocks of channels', [1, 90, 5, 6], [8, 90, 3, 3], {}],
    ['blocks of a batch', [4, 16, 2500, 1], [5, 16, 1, 1], {}],
    ['wide kernels', [1, 17, 5, 20], [6, 17, 2, 9], { dilation: [1, 2] }],
  ];
  test.each(shapes)('%s', async (_, xShape, weightShape, options) => {
    const results = async (backend: GpuBackend) => {
      const x = made(xShape, 1, backend, true);
      const weight = made(weightShape, 2, backend, true);
      const y = conv2d(x, weight, made([weightShape[0]!], 3, backend), options);
      const gradients = grad(sum(mul(y, made(y.shape, 4, backend))), [x, weight]);
      const values = await Promise.all([y, ...gradients].map((tensor) => tensor.data()));
      return values.map((v) => [...new Uint32Array(Float32Array.from(v).buffer)]);
    };
    const wanted = await results(alone);
    for (const size of sizes) expect(await results(withSubgroups(size))).toEqual(wanted);
  });

  test('and are chosen only where the adapter has subgroups and is a CPU', () => {
    const sizes = { outputs: 20, columns: 30, taps: 5, stride: 1, dilation: 1, isGuarded: false };
    const plan = planCorrelation({ ...sizes, sharing: 8 });
    const kernel = correlation(plan, { hasBias: false, activation: 'identity' });
    expect(kernel.source.startsWith('enable subgroups;')).toBe(true);
    expect(alone.canRun(kernel)).toBe(false);
    expect(withSubgroups(8).canRun(kernel)).toBe(true);
    const chosen = (isSoftware: boolean, subgroupSize: number) => sharingOf({ isSoftware, subgroupSize });
    expect([chosen(true, 0), chosen(true, 4), chosen(true, 8), chosen(true, 32)]).toEqual([0, 4, 8, 8]);
    expect(chosen(false, 32)).toBe(0);
  });
});

const image = zeros([8, 3, 32, 32], cpu);
const kernels = zeros([16, 3, 3, 3], cpu);
const conv = (options: Conv2dOptions) => () => conv2d(image, kernels, undefined, options);
const misfits: [string, () => unknown, string][] = [
  [
    'channels',
    () => conv2d(image, zeros([16, 4, 3, 3], cpu)),
    'conv2d: 3 channels of x [8, 3, 32, 32] against 4 of weight [16, 4, 3, 3]',
  ],
  [
    'channels of groups',
    () => conv2d(zeros([8, 4, 9, 9], cpu), zeros([16, 4, 3, 3], cpu), undefined, { groups: 2 }),
    'conv2d: 4 channels of x [8, 4, 9, 9] against 8 of weight [16, 4, 3, 3] in 2 groups',
  ],
  ['groups', conv({ groups: 2 }), 'conv2d: 2 groups do not divide 3 channels of x'],
  ['groups of kernels', conv({ groups: 3 }), 'conv2d: 3 groups do not divide 16 output channels of weight'],
  ['no groups', conv({ groups: 0 }), 'conv2d: groups 0; wants an integer of at least 1'],
  ['stride', conv({ stride: [1, 0] }), 'conv2d: stride [1, 0]; wants integers of at least 1'],
  ['dilation', conv({ dilation: 1.5 }), 'conv2d: dilation [1.5, 1.5]; wants integers of at least 1'],
  ['padding', conv({ padding: -1 }), 'conv2d: padding [-1, -1]; wants integers of at least 0'],
  [
    'an even kernel at an odd stride',
    () => conv2d(image, zeros([16, 3, 4, 4], cpu), undefined, { padding: 'same' }),
    "conv2d: padding 'same' with a kernel of [4, 4] at stride [1, 1] has no middle; an even kernel wants an even stride, or padding as [top, bottom, left, right]",
  ],
  [
    'a small image',
    () => conv2d(zeros([1, 3, 2, 9], cpu), kernels),
    'conv2d: output of [0, 7] pixels from x [1, 3, 2, 9], kernel [3, 3], stride [1, 1], padding [0, 0, 0, 0], dilation [1, 1]; wants at least [1, 1]',
  ],
  [
    'bias',
    () => conv2d(image, kernels, zeros([3], cpu)),
    'conv2d: bias [3] for 16 output channels; wants [16]',
  ],
  [
    'rank',
    () => conv2d(zeros([3, 32, 32], cpu), kernels),
    'conv2d: x [3, 32, 32]; wants (n, channels, height, width)',
  ],
  [
    'leading axes',
    () => conv2d(zeros([2, 8, 3, 9, 9], cpu), zeros([4, 16, 3, 3, 3], cpu)),
    'conv2d: leading axes differ, x [2, 8, 3, 9, 9] and weight [4, 16, 3, 3, 3]',
  ],
  [
    'transposed channels',
    () => convTranspose2d(image, kernels),
    'convTranspose2d: 3 channels of x [8, 3, 32, 32] against 16 of weight [16, 3, 3, 3]',
  ],
  [
    'output padding',
    () => convTranspose2d(image, zeros([3, 4, 3, 3], cpu), undefined, { stride: 2, outputPadding: 2 }),
    'convTranspose2d: outputPadding [2, 2] at stride [2, 2]; wants less than the stride',
  ],
  [
    'output size',
    () => convTranspose2d(image, zeros([3, 4, 3, 3], cpu), undefined, { stride: 2, outputSize: [64, 67] }),
    'convTranspose2d: outputSize [64, 67]; wants [65, 65] to [66, 66]',
  ],
  [
    'nothing left',
    () => convTranspose2d(zeros([1, 3, 1, 1], cpu), zeros([3, 4, 3, 3], cpu), undefined, { padding: 2 }),
    'convTranspose2d: output of [-1, -1] pixels from x [1, 3, 1, 1], kernel [3, 3], stride [1, 1], padding [2, 2, 2, 2], dilation [1, 1]; wants at least [1, 1]',
  ],
  [
    'a cotangent',
    () => conv2dWeightGrad(image, zeros([8, 16, 30, 31], cpu), 3),
    'conv2dWeightGrad: g [8, 16, 30, 31] for x [8, 3, 32, 32]; wants [8, 16, 30, 30]',
  ],
];

test.each(misfits)('what does not fit: %s', (_, f, message) => {
  expect(f).toThrow(message);
});

test('same padding gives ⌈input / stride⌉ pixels, with what cannot be halved at the end', async () => {
  const x = made([1, 1, 8, 7], 1, cpu);
  const weight = made([1, 1, 3, 3], 2, cpu);
  const same = conv2d(x, weight, undefined, { stride: 2, padding: 'same' });
  expect(same.shape).toEqual([1, 1, 4, 4]);
  const explicit = conv2d(x, weight, undefined, { stride: 2, padding: [0, 1, 1, 1] });
  expect(await same.data()).toEqual(await explicit.data());
});
