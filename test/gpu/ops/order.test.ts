/** Ops along axes against PyTorch: special numbers, ties, gradients; long axes against JavaScript; what is refused. */
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../../engine/backend.ts';
import { Batches } from '../../../engine/data/batches.ts';
import { capture } from '../../../engine/capture.ts';
import { grad } from '../../../engine/grad.ts';
import { addAlongAxis, takeAlongAxis } from '../../../engine/ops/movement/along-axis.ts';
import { arange } from '../../../engine/ops/arange.ts';
import { argmax, argmin } from '../../../engine/ops/order/arg-extreme.ts';
import { cast } from '../../../engine/ops/pointwise/cast.ts';
import { conv1d, type Conv1dOptions } from '../../../engine/ops/conv2d/conv1d.ts';
import { cumsum } from '../../../engine/ops/order/cumsum.ts';
import { reshape } from '../../../engine/ops/movement/movement.ts';
import { broadcastTo } from '../../../engine/ops/reduce/sum.ts';
import { oneHot } from '../../../engine/ops/movement/one-hot.ts';
import { sum } from '../../../engine/ops/reduce/sum.ts';
import { argsort, sort, topK } from '../../../engine/ops/order/sort.ts';
import { stack } from '../../../engine/ops/movement/stack.ts';
import { tril, triu } from '../../../engine/ops/movement/triangle.ts';
import { upsample2d, type UpsampleOptions } from '../../../engine/ops/image/upsample.ts';
import { std, variance } from '../../../engine/ops/reduce/variance.ts';
import { type Shape, ShapeError } from '../../../engine/shape.ts';
import { type Tensor, tensor, zeros } from '../../../engine/tensor.ts';
import { cpu, gpu } from '../../backends.ts';
import { compareValues, noise } from '../../check.ts';
import fixture from '../../fixtures/order.json' with { type: 'json' };
import { wave } from '../../fixtures/wave.ts';

interface Options {
  axis: number;
  axes: number[];
  correction: number;
  descending: boolean;
  k: number;
  largest: boolean;
  index: number[];
  diagonal: number;
  weight: number[];
}

interface Case {
  op: string;
  shape: number[];
  /** A small one makes ties. */
  modulus: number;
  options: Options & Conv1dOptions & UpsampleOptions;
  yShape: number[];
  y: number[];
  gradients?: number[][];
}

// JSON widens what the interface narrows.
const cases = fixture.cases as unknown as Case[];
const special = fixture.special.map(Number);
const specialOf = fixture.specialOf;

/** PyTorch tells subnormal numbers from 0, which are 0 here: equal, so in the order of their places. */
function withoutSubnormals(places: readonly number[]): number[] {
  const isZero = (i: number) => Math.abs(special[i]!) < 2 ** -126;
  const zeros = places.filter(isZero).sort((a, b) => a - b);
  return places.map((i) => (isZero(i) ? zeros.shift()! : i));
}
const backends: [string, () => Promise<Backend>][] = [
  ['CPU', async () => cpu],
  ['GPU', gpu],
];
const read = async (x: Tensor) => [...(await x.data())];

/** 37 i mod 101 mod below for element i. */
function places(shape: Shape, below: number, backend: Backend): Tensor {
  const values = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => ((37 * i) % 101) % below);
  return tensor(values, shape, backend, { dtype: 'u32' });
}

const runs: Readonly<Record<string, (x: Tensor, options: Case['options'], others: Tensor[]) => Tensor>> = {
  argmax: (x, { axis }) => argmax(x, axis),
  argmin: (x, { axis }) => argmin(x, axis),
  sort: (x, { axis, descending }) => sort(x, axis, { descending }).values,
  argsort: (x, { axis, descending }) => argsort(x, axis, { descending }),
  topK: (x, { axis, k, largest }) => topK(x, k, axis, { largest }).values,
  takeAlongAxis: (x, { axis, index }) => takeAlongAxis(x, places(index, x.shape[axis]!, x.backend), axis),
  cumsum: (x, { axis }) => cumsum(x, axis),
  variance: (x, { axes, correction }) => variance(x, axes, { correction }),
  std: (x, { axes, correction }) => std(x, axes, { correction }),
  tril: (x, { diagonal }) => tril(x, diagonal),
  triu: (x, { diagonal }) => triu(x, diagonal),
  conv1d: (x, { stride, padding, dilation, groups }, [weight, bias]) =>
    conv1d(x, weight!, bias, { stride, padding, dilation, groups }),
  upsample2d: (x, options) => upsample2d(x, options),
};

describe.each(backends)('%s', (_, open) => {
  test.each(cases.map((item, i) => [`${i}: ${item.op} ${JSON.stringify(item.options)}`, item] as const))(
    'PyTorch, %s',
    async (_, { op, shape, modulus, options, yShape, y: wanted, gradients }) => {
      const backend = await open();
      const leaf = (of: Shape, phase: number) =>
        tensor(wave(of, phase, modulus), of, backend, { requiresGrad: true });
      const others = options.weight ? [leaf(options.weight, 2), leaf([options.weight[0]!], 3)] : [];
      const x = leaf(shape, 1);
      const y = runs[op]!(x, options, others);
      expect(y.shape).toEqual(yShape);
      // Sums of up to 1,300 numbers; all else is exact but for a few roundings.
      compareValues(op, await y.data(), Float64Array.from(wanted), 1e-6);
      if (!gradients) return expect(y.dtype).toBe('u32');
      const got = grad(y, [x, ...others], { seed: tensor(wave(y.shape, 2), y.shape, backend) });
      for (const [i, gradient] of got.entries())
        compareValues(`gradient ${i}`, await gradient.data(), Float64Array.from(gradients[i]!), 1e-6);
      return undefined;
    },
  );

  test('NaN, infinities, both zeros and subnormal numbers, as PyTorch orders them', async () => {
    const backend = await open();
    const x = tensor(special, [special.length], backend);
    const plain = special.filter((value) => !Number.isNaN(value));
    const y = tensor(plain, [plain.length], backend);
    expect(await argmax(x).item()).toBe(specialOf.argmax);
    expect(await argmin(x).item()).toBe(specialOf.argmin);
    expect(await argmax(y).item()).toBe(specialOf.argmaxPlain);
    expect(await argmin(y).item()).toBe(specialOf.argminPlain);
    expect(await read(argsort(x))).toEqual(withoutSubnormals(specialOf.ascending));
    expect(await read(argsort(x, 0, { descending: true }))).toEqual(withoutSubnormals(specialOf.descending));
    // A subnormal number may come out as it went in, or as 0.
    const flushed = (list: readonly number[]) =>
      list.map((v) => (Math.abs(v) < 2 ** -126 ? 0 : Math.fround(v)));
    expect(flushed(await read(sort(x).values))).toEqual(flushed(specialOf.ascending.map((i) => special[i]!)));
    expect(await read(topK(x, 4).values)).toEqual(specialOf.largest.map(Number));
    expect(flushed(await read(topK(x, 4, 0, { largest: false }).values))).toEqual(
      flushed(specialOf.smallest.map(Number)),
    );
    const sums = tensor([1, Infinity, 2, -Infinity, 3, NaN], [6], backend);
    expect(await read(cumsum(sums))).toEqual(specialOf.cumsum.map(Number));
    const square = tensor([1, NaN, Infinity, 4], [2, 2], backend);
    expect(await read(tril(square))).toEqual([1, 0, Infinity, 4]);
    expect(await read(triu(square))).toEqual([1, NaN, 0, 4]);
  });

  test('cast cuts, saturates, and rounds to the nearest', async () => {
    const backend = await open();
    const values = [
      0,
      -0,
      0.99,
      1,
      1.5,
      255.9,
      2 ** 23 + 1,
      2 ** 24 - 1,
      2 ** 24 + 2,
      2 ** 31,
      2 ** 32 - 256,
    ];
    const beyond = [2 ** 32, 1e38, Infinity, -1e-30, -1, -3e9, -Infinity, NaN, 2 ** -149];
    const x = tensor([...values, ...beyond], [values.length + beyond.length], backend);
    const most = 2 ** 32 - 1;
    expect(await read(cast(x, 'u32'))).toEqual([
      ...values.map((value) => Math.trunc(Math.fround(value)) + 0),
      ...[most, most, most, 0, 0, 0, 0, 0, 0],
    ]);
    // From NumPy: np.uint32([…]).astype(np.float32).
    const whole = [0, 5, 2 ** 24 + 1, 2 ** 24 + 3, 2 ** 31 + 128, 2 ** 31 + 129, 2 ** 31 + 384, most];
    const rounded = [0, 5, 2 ** 24, 2 ** 24 + 4, 2 ** 31, 2 ** 31 + 256, 2 ** 31 + 512, 2 ** 32];
    const floats = await cast(tensor(whole, [whole.length], backend, { dtype: 'u32' }), 'f32').data();
    expect([...Float32Array.from(floats)]).toEqual(rounded);
    expect(cast(x, 'f32')).toBe(x);
    expect(await read(oneHot(cast(x, 'u32'), 2))).toHaveLength(2 * x.size);
  });

  test('integers are ordered, taken and cut as integers', async () => {
    const backend = await open();
    const values = [2 ** 32 - 1, 7, 2 ** 24 + 1, 2 ** 24, 2 ** 31, 7];
    const x = tensor(values, [6], backend, { dtype: 'u32' });
    expect(await argmax(x).item()).toBe(0);
    expect(await argmin(x).item()).toBe(1);
    expect(await read(argsort(x))).toEqual([1, 5, 3, 2, 4, 0]);
    expect(await read(argsort(x, -1, { descending: true }))).toEqual([0, 4, 2, 3, 1, 5]);
    const sorted = sort(x).values;
    expect([sorted.dtype, ...(await read(sorted))]).toEqual(['u32', ...values.toSorted((a, b) => a - b)]);
    expect(await read(triu(tensor(values, [2, 3], backend, { dtype: 'u32' }), 1))).toEqual([
      0,
      7,
      2 ** 24 + 1,
      0,
      0,
      7,
    ]);
    expect(await read(stack([x, x], 1))).toEqual(values.flatMap((value) => [value, value]));
  });

  test('arange as NumPy has it', async () => {
    const backend = await open();
    const of = async (...[begin, end, options]: [number, number, object?]) =>
      read(arange(begin, end, backend, options));
    expect(await of(0, 4)).toEqual([0, 1, 2, 3]);
    expect(await of(5, -2, { step: -3 })).toEqual([5, 2, -1]);
    expect(await of(0, 1, { step: 0.3 })).toEqual(
      [0, 0.3, 0.6, 3 * 0.3].map((x) => (backend === cpu ? x : Math.fround(x))),
    );
    expect(await of(3, 3)).toEqual([]);
    expect(await of(3, 1)).toEqual([]);
    expect(await of(2 ** 32 - 2, 2 ** 32, { dtype: 'u32' })).toEqual([2 ** 32 - 2, 2 ** 32 - 1]);
  });
});

/** Comparing long lists by `toEqual` takes seconds. */
function differences(got: ArrayLike<number>, wanted: ArrayLike<number>): number {
  let count = Math.abs(got.length - wanted.length);
  for (let i = 0; i < got.length; i++) count += Number(got[i] !== wanted[i]);
  return count;
}

test('long axes on the GPU: a stable sort, its gradient, places of extremes', async () => {
  const backend = await gpu();
  for (const [rows, length] of [
    [1, 300_000],
    [3, 50_000],
    [5000, 33],
  ] as const) {
    const values = noise(rows * length, 5).map((value) => Math.round(1e4 * value) / 1e4); // ties
    const x = tensor(values, [rows, length], backend, { requiresGrad: true });
    const { values: sorted, indices } = sort(x, 1);
    const wanted = Array.from({ length: rows }, (_, row) => {
      const line = values.subarray(row * length, (row + 1) * length);
      return [...line.keys()].sort((a, b) => line[a]! - line[b]!);
    });
    expect(differences(await indices.data(), wanted.flat())).toBe(0);
    const seed = noise(rows * length, 6);
    const [dx] = grad(sorted, [x], { seed: tensor(seed, x.shape, backend) });
    const wantedDx = new Float32Array(rows * length);
    for (const [row, line] of wanted.entries())
      for (const [j, place] of line.entries()) wantedDx[row * length + place] = seed[row * length + j]!;
    expect(differences(await dx!.data(), wantedDx)).toBe(0);
    const smallest = wanted.map((line) => line[0]!);
    expect(differences(await argmin(x, 1).data(), smallest)).toBe(0);
    expect(await read(argmax(x, -1))).toEqual(
      wanted.map(
        (line, row) => line.find((i) => values[row * length + i] === values[row * length + line.at(-1)!])!,
      ),
    );
  }
});

test('a captured step sorts, takes and adds what its batches bring', async () => {
  const backend = await gpu();
  const label = Uint32Array.from({ length: 90 }, (_, i) => (i * 7) % 5);
  const columns = { x: { values: wave([90, 3], 1), width: 3 }, label: { values: label, width: 1 } };
  const [replayed, plain] = [0, 1].map(() => new Batches(columns, backend, { batchSize: 70, seed: 3 }));
  const step = (batches: typeof replayed) => () => {
    const batch = batches!.batch();
    const { values, indices } = sort(batch.x!, 0);
    const index = broadcastTo(batch.label!, [70, 3]);
    const largest = cast(argmax(takeAlongAxis(values, index, 0), 1), 'f32');
    const counts = broadcastTo(sum(oneHot(batch.label!, 5), 0), [3, 5]);
    const sums = [values, cumsum(batch.x!, 0), cast(indices, 'f32')].map((x) => addAlongAxis(x, index, 5, 0));
    return stack([...sums, reshape(counts, [5, 3]), broadcastTo(sum(largest), [5, 3])], 1);
  };
  const captured = capture(step(replayed), backend);
  for (let i = 0; i < 5; i++) {
    for (const batches of [replayed, plain]) batches!.prepare(i);
    const got = await read(captured());
    backend.step.begin();
    expect(got).toEqual(await read(step(plain)()));
  }
  expect(captured.commands).toBeGreaterThan(10);
  captured.dispose();
});

test('cumulative sums and sums by index err by at most 1.2e-7 of Σ|x|', async () => {
  const backend = await gpu();
  const length = 400_000;
  // Large ones that cancel, and small ones that plain additions would lose.
  const values = noise(length, 7).map((value, i) => (i % 2 ? value : 1e6 * (i % 4 ? 1 : -1)) + 0.1 * value);
  const x = tensor(values, [length], backend);
  for (const reverse of [false, true]) {
    const sums = await cumsum(x, 0, { reverse }).data();
    let [sum, size, worst] = [0, 0, 0];
    for (let j = 0; j < length; j++) {
      const i = reverse ? length - 1 - j : j;
      sum += values[i]!;
      size += Math.abs(values[i]!);
      worst = Math.max(worst, Math.abs(sums[i]! - sum) / size);
    }
    expect(worst).toBeLessThan(1.2e-7);
  }
  const index = tensor(new Uint32Array(length), [length], backend, { dtype: 'u32' });
  const total = await addAlongAxis(x, index, 1).item();
  const exact = values.reduce((sum, value) => sum + value, 0);
  expect(Math.abs(total - exact) / Math.abs(exact)).toBeLessThan(1.2e-7);
});

const [x34, u34, x4] = [zeros([3, 4], cpu), zeros([3, 4], cpu, { dtype: 'u32' }), zeros([4], cpu)];
const [image, sequence] = [zeros([1, 2, 3, 5], cpu), zeros([1, 4, 5], cpu)];
const kernel = zeros([6, 2, 3], cpu);

test.each<[string, () => unknown]>([
  ['argmax: axis 2 is out of range for rank 2', () => argmax(x34, 2)],
  ['argmin: no elements along axis 0 of [0, 3]', () => argmin(zeros([0, 3], cpu), 0)],
  ['argmax: no elements in [0]', () => argmax(zeros([0], cpu))],
  ['sort: axis 0 is out of range for rank 0', () => sort(zeros([], cpu), 0)],
  ['topK: k 5 along axis 1 of [3, 4]; wants an integer from 0 to 4', () => topK(x34, 5)],
  ['topK: k 1.5 along axis 0', () => topK(x34, 1.5, 0)],
  ['takeAlongAxis: index [3, 4] for x [4]; wants as many axes', () => takeAlongAxis(x4, u34)],
  ['takeAlongAxis: shapes do not broadcast, [5, 1] and [3, 1]', () => takeAlongAxis(zeros([5, 4], cpu), u34)],
  ['takeAlongAxis: nothing to read along axis 1 of [3, 0]', () => takeAlongAxis(zeros([3, 0], cpu), u34)],
  ['addAlongAxis: index [3, 4] for x [4]; wants the same shape', () => addAlongAxis(x4, u34, 4)],
  ['addAlongAxis: length -1 along axis 1', () => addAlongAxis(x34, u34, -1)],
  ['cumsum: axis 3 is out of range for rank 2', () => cumsum(x34, 3)],
  ['oneHot: -1 classes; wants an integer of at least 0', () => oneHot(u34, -1)],
  ['tril: x [4]; wants (…, rows, columns)', () => tril(x4)],
  ['triu: diagonal 0.5; wants an integer', () => triu(x34, 0.5)],
  ['stack: no tensors', () => stack([])],
  ['stack: [3, 4] and [4] differ', () => stack([x34, x4])],
  ["stack: axis 3 is out of range for the result's rank 3", () => stack([x34, x34], 3)],
  [
    'variance: 3 elements along axes 0 of [3, 4] with correction 3',
    () => variance(x34, 0, { correction: 3 }),
  ],
  ['std: 0 elements along axes 0 of [0, 3] with correction 0', () => std(zeros([0, 3], cpu), 0)],
  ['arange: 0 to 3 by 0; wants finite numbers', () => arange(0, 3, cpu, { step: 0 })],
  ['conv1d: x [3, 4]; wants (n, channels, length)', () => conv1d(x34, kernel)],
  ['conv1d: 4 channels of x [1, 4, 5] against 2 of weight [6, 2, 3]', () => conv1d(sequence, kernel)],
  [
    'conv1d: 3 groups do not divide 4 channels of x',
    () => conv1d(sequence, kernel, undefined, { groups: 3 }),
  ],
  [
    'conv1d: nothing left of x [1, 4, 5]: a kernel of 3 with dilation 4 spans 9, and there are 5 with padding',
    () => conv1d(sequence, kernel, undefined, { groups: 2, dilation: 4 }),
  ],
  ['conv1d: bias [4] for 6 output channels; wants [6]', () => conv1d(sequence, kernel, x4, { groups: 2 })],
  [
    'conv1d: stride 0; wants an integer of at least 1',
    () => conv1d(sequence, kernel, undefined, { groups: 2, stride: 0 }),
  ],
  ['upsample2d: x [3, 4]; wants (n, c, h, w)', () => upsample2d(x34, { scale: 2 })],
  [
    'upsample2d: scale [1.5, 1.5] makes x [1, 2, 3, 5] 4.5 by 7.5 pixels',
    () => upsample2d(image, { scale: 1.5 }),
  ],
])('refused: %s', (message, f) => {
  expect(f).toThrow(ShapeError);
  expect(f).toThrow(message);
});

test('types that are refused, by name', () => {
  expect(() => cumsum(u34)).toThrow("cumsum: x is u32, wants f32; convert it with cast(x, 'f32')");
  expect(() => takeAlongAxis(x34, x34)).toThrow('takeAlongAxis: index is f32, wants u32');
  expect(() => oneHot(x4, 3)).toThrow('oneHot: index is f32, wants u32');
  expect(() => variance(u34)).toThrow('variance: x is u32, wants f32');
  expect(() => arange(-1, 3, cpu, { dtype: 'u32' })).toThrow('u32 wants integers from 0 to 4294967295');
  // The cast: a caller in JavaScript.
  expect(() => cast(x4, 'i32' as 'u32')).toThrow("cast: dtype is a string 'i32'; wants 'f32' or 'u32'");
});
