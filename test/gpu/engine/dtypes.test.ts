/** Integer tensors: ops that move words keep their bits, every other refuses them by name. The same on both backends. */
import { describe, expect, test } from 'vitest';
import * as L from '../../../index.ts';
import { cpu, gpu } from '../../backends.ts';

const backends: [string, () => Promise<L.Backend>][] = [
  ['CPU', async () => cpu],
  ['GPU', gpu],
];

/** As float32: subnormal, zero, 1, infinity, signalling and quiet NaN, negative ones. */
const WORDS = [1, 0, 0x3f800000, 0x7f800000, 0x7f800001, 0x7fc00000, 0x80000001, 0xffffffff];

describe.each(backends)('%s', (_, open) => {
  const whole = async (values: readonly number[], shape = [values.length]) =>
    L.tensor(values, shape, await open(), { dtype: 'u32' });
  const real = async (values: readonly number[], shape = [values.length]) =>
    L.tensor(values, shape, await open());
  const read = async (x: L.Tensor) => {
    expect(x.dtype).toBe('u32');
    return [...(await x.data())];
  };

  test('what is moved keeps its bits', async () => {
    const x = await whole(WORDS, [2, 4]);
    const [a, b, c, d, e, f, g, h] = WORDS as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    expect(await read(L.reshape(x, [8]))).toEqual(WORDS);
    expect(await read(L.transpose(x))).toEqual([a, e, b, f, c, g, d, h]);
    expect(await read(L.broadcastTo(L.reshape(x, [1, 8]), [2, 8]))).toEqual([...WORDS, ...WORDS]);
    expect(await read(L.slice(x, 1, 1, 4, { step: 2 }))).toEqual([b, d, f, h]);
    expect(await read(L.concat([x, x], 1))).toEqual([a, b, c, d, a, b, c, d, e, f, g, h, e, f, g, h]);
    expect(await read(L.split(x, 2, 1)[1]!)).toEqual([c, d, g, h]);
    expect(await read(L.flip(x))).toEqual(WORDS.toReversed());
    expect(await read(L.gather(x, await whole([3, 0]), 1))).toEqual([d, a, h, e]);
    expect(await read(L.gatherRows(x, await whole([1])))).toEqual([e, f, g, h]);
    expect(await read(L.pad(x, [[0, 0], [1, 0]]))).toEqual([0, a, b, c, d, 0, e, f, g, h]); // biome-ignore format: short
    expect(await read(L.pad(x, [[0, 0], [1, 0]], { value: 7 }))).toEqual([7, a, b, c, d, 7, e, f, g, h]); // biome-ignore format: short
    expect(await read(L.detach(x))).toEqual(WORDS);
  });

  test('parts of more than 65,536 words are copied as they are', async () => {
    const many = await whole(Array.from({ length: 2 ** 16 }, (_, i) => (i * 2654435761) >>> 0));
    const y = L.concat([many, await whole([9])], 0);
    const values = await y.data();
    expect(y.dtype).toBe('u32');
    expect([values[1], values[65_535], values[65_536]]).toEqual([2654435761, (65_535 * 2654435761) >>> 0, 9]);
  });

  test('full, ones and zeros of integers', async () => {
    const backend = await open();
    expect(await read(L.full([2], 4294967295, backend, { dtype: 'u32' }))).toEqual([4294967295, 4294967295]);
    expect(await read(L.ones([2], backend, { dtype: 'u32' }))).toEqual([1, 1]);
    expect(await read(L.zeros([2], backend, { dtype: 'u32' }))).toEqual([0, 0]);
    for (const value of [-1, 0.5, NaN, 2 ** 32])
      expect(() => L.full([2], value, backend, { dtype: 'u32' })).toThrow(`full: value 0 is ${value}; u32`);
  });

  const image = [1, 1, 2, 2];
  const refusing: [string, (x: L.Tensor, y: L.Tensor) => unknown][] = [
    ['add', (x) => L.add(x, 1)],
    ['mul', (x, y) => L.mul(y, x)],
    ['equal', (x, y) => L.equal(x, y)],
    ['less', (x) => L.less(x, 2)],
    ['where', (x, y) => L.where(x, y, 0)],
    ['neg', (x) => L.neg(x)],
    ['sum', (x) => L.sum(x)],
    ['sum', (x) => L.sum(L.slice(L.reshape(x, [4]), 0, 0, 1))],
    ['max', (x) => L.max(x, 0)],
    ['softmax', (x) => L.softmax(x)],
    ['matmul', (x, y) => L.matmul(y, x)],
    ['linear', (x, y) => L.linear(y, y, L.slice(L.reshape(x, [4]), 0, 0, 2))],
    ['concat: part 1', (x, y) => L.concat([y, x], 0)],
    ['concat: part 0', (x, y) => L.concat([x, y], 0)],
    ['gather: index', (_, y) => L.gather(y, y)],
    ['scatter: x', (x) => L.scatter(x, L.slice(L.reshape(x, [4]), 0, 0, 2), 3)],
    ['pad', (x) => L.pad(x, [[1, 0], [0, 0]], { mode: 'edge' })], // biome-ignore format: short
    ['conv2d', (x, y) => L.conv2d(L.reshape(y, image), L.reshape(x, image))],
    ['maxPool2d', (x) => L.maxPool2d(L.reshape(x, image), { size: 2 })],
    ['resize2d', (x) => L.resize2d(L.reshape(x, image), { size: [4, 4] })],
    ['layerNorm', (x) => L.layerNorm(x)],
    ['batchNorm', (x, y) => L.batchNormTraining(y, { scale: L.reshape(L.slice(x, 0, 0, 1), [2]) })],
    ['dropout', (x) => L.dropout(x, 0.5)],
    ['mse: label', (x, y) => L.mse({ pred: y, label: x })],
    ['mse: pred', (x, y) => L.mse.composed({ pred: x, label: y })],
    ["adam: 'w'", (x) => L.adam({ w: x })],
    ['MetricRing: value', (x) => new L.MetricRing(1, x.backend, { count: 4 }).store(x)],
  ];
  test.each(refusing)('%s refuses integers', async (name, f) => {
    const [x, y] = [await whole([1, 2, 3, 4], [2, 2]), await real([1, 2, 3, 4], [2, 2])];
    const type = name === 'gather: index' ? 'u32' : 'f32';
    expect(() => f(x, y)).toThrow(`convert it with cast(x, '${type}')`);
    expect(() => f(x, y)).toThrow(name);
  });

  test('a gradient of integers, and one with respect to them', async () => {
    const [x, y] = [await whole([1, 2]), await real([1, 2])];
    y.requiresGrad = true;
    expect(() => L.grad(L.reshape(y, [1, 2]), [y], { seed: L.reshape(x, [1, 2]) })).toThrow(
      'grad: seed is u32',
    );
    const backend = await open();
    expect(() => L.tensor([1], [1], backend, { dtype: 'u32', requiresGrad: true })).toThrow(
      'tensor: requiresGrad with u32',
    );
    const optimizer = L.sgd({ y });
    expect(() => optimizer.step([x])).toThrow("sgd: the gradient of 'y' is u32");
    optimizer.dispose();
  });

  test('a kernel that declares floats is given no integers in place, and may ask for their bits', async () => {
    const code = '@compute @workgroup_size(WORKGROUP_SIZE) fn main(@builtin(global_invocation_id) i: vec3u)';
    const reference = () => {};
    const inPlace = L.defineKernel({
      name: 'in-place',
      inputs: [],
      outputs: ['y'],
      inout: ['y'],
      code: `${code} { y[i.x] = 1.0; }`,
      reference,
    });
    const y = await whole([1]);
    expect(() => L.dispatch(inPlace, { inputs: {}, outputs: { y }, workgroups: 1 })).toThrow(
      'in-place: y is u32',
    );
    const bits = L.defineKernel({
      name: 'bits',
      inputs: { x: 'f32Bits' },
      outputs: { y: 'u32' },
      workgroupSize: 1,
      code: `${code} { y[i.x] = x[i.x]; }`,
      reference: ({ x }, _, { y }) => y.set(new Uint32Array(Float32Array.from(x).buffer)),
    });
    const x = await real([1]);
    const call = { outputs: { y: [1] }, workgroups: 1 };
    expect(await read(L.dispatch(bits, { inputs: { x }, ...call }).y)).toEqual([0x3f800000]);
    expect(() => L.dispatch(bits, { inputs: { x: y }, ...call })).toThrow('bits: x is u32');
  });
});

describe('tensor', () => {
  test.each([
    [[1, -2], 1, '-2'],
    [[1.7], 0, '1.7'],
    [[0, 1, NaN], 2, 'NaN'],
    [[2 ** 32], 0, '4294967296'],
    [Float32Array.of(0.5), 0, '0.5'],
    [Int32Array.of(3, -1), 1, '-1'],
  ])('u32 refuses %o', (values, index, shown) => {
    const wanted = `tensor: value ${index} is ${shown}; u32 wants integers from 0 to 4294967295`;
    expect(() => L.tensor(values, [values.length], cpu, { dtype: 'u32' })).toThrow(wanted);
  });

  const strange: [unknown, string][] = [
    [['a', 1], "value 0 is a string 'a'"],
    [[1, undefined], 'value 1 is undefined'],
    [[1, [1, 2]], 'value 1 is a list [1, 2]'],
    [[1, null], 'value 1 is null'],
    [[1n, 2n], 'value 0 is 1'],
    [BigInt64Array.of(1n, 2n), 'value 0 is 1'],
    [new Array(2), 'value 0 is undefined'],
    ['12', "wants a list of numbers, got a string '12'"],
    [new Set([1, 2]), 'wants a list of numbers, got a Set'],
    [undefined, 'wants a list of numbers, got undefined'],
    [12, 'wants a list of numbers, got 12'],
  ];
  test.each(strange)('refuses %o', (values, wanted) => {
    expect(() => L.tensor(values as number[], [2], cpu)).toThrow(`tensor: ${wanted}`);
  });

  test('takes every number, as float32 on a GPU', async () => {
    const values = [NaN, Infinity, -Infinity, 1e300, 0.1];
    // The CPU backend has float64's digits and float32's range.
    const ranged = [NaN, Infinity, -Infinity, Infinity, 0.1];
    expect([...(await L.tensor(values, [5], cpu).data())]).toEqual(ranged);
    const rounded = [...(await L.tensor(Float64Array.from(values), [5], await gpu()).data())];
    expect(rounded).toEqual([NaN, Infinity, -Infinity, Infinity, Math.fround(0.1)]);
    expect([...(await L.tensor({ 0: 2, length: 1 }, [1], cpu).data())]).toEqual([2]);
    const integers = L.tensor(Uint8Array.of(255), [1], cpu, { dtype: 'u32' });
    expect([...(await integers.data())]).toEqual([255]);
  });
});
