/** Image networks of several seeds side by side: every number of a training step has the bits that its seed has alone. */
import { expect, test } from 'vitest';
import { augment } from '../../../engine/data/augment.ts';
import { Batches } from '../../../engine/data/batches.ts';
import { grad } from '../../../engine/grad.ts';
import { averagePool2d, globalMaxPool2d, l2Pool2d } from '../../../engine/ops/image/pool.ts';
import { resize2d } from '../../../engine/ops/image/resize.ts';
import { conv2d } from '../../../engine/ops/conv2d/conv2d.ts';
import { square } from '../../../engine/ops/pointwise/elementwise.ts';
import { slice } from '../../../engine/ops/movement/slice.ts';
import { sum } from '../../../engine/ops/reduce/sum.ts';
import type { Shape } from '../../../engine/shape.ts';
import { type Tensor, tensor, tidy, view } from '../../../engine/tensor.ts';
import { mse } from '../../../losses/regression.ts';
import { lenet } from '../../../models/lenet.ts';
import { mobilenet } from '../../../models/mobilenet.ts';
import { parametersOf } from '../../../models/parameters.ts';
import { resnet } from '../../../models/resnet.ts';
import { resnetCifar } from '../../../models/resnet-cifar.ts';
import { wideResnet } from '../../../models/wide-resnet.ts';
import { cpu, gpu } from '../../backends.ts';
import { noise } from '../../check.ts';

const SEEDS = [4, 0, 9];

/** Part `s` of the first axis, without it. */
function part(x: Tensor, s: number): Tensor {
  return view(slice(x, 0, s, s + 1), x.shape.slice(1));
}

const sizes = { inputShape: [1, 18, 16] as const, outputs: 2 };
const networks = {
  lenet: (given: object) => lenet({ ...sizes, width: 0.2, ...(given as { backend: typeof cpu }) }),
  resnet: (given: object) => resnet({ ...sizes, width: 0.25, ...(given as { backend: typeof cpu }) }),
  resnetCifar: (given: object) =>
    resnetCifar({ ...sizes, width: 0.25, depth: 8, ...(given as { backend: typeof cpu }) }),
  wideResnet: (given: object) =>
    wideResnet({ ...sizes, width: 0.125, depth: 10, ...(given as { backend: typeof cpu }) }),
  mobilenet: (given: object) => mobilenet({ ...sizes, width: 0.5, ...(given as { backend: typeof cpu }) }),
};

test.each(Object.entries(networks))('a training step of %s', async (_, networkOf) => {
  const backend = await gpu();
  const rows = 5;
  const pixels = noise(SEEDS.length * rows * 18 * 16, 1);
  const labels = noise(SEEDS.length * rows * 2, 2);
  const run = async (seed: number | readonly number[], xs: Tensor, label: Tensor) => {
    const model = networkOf({ backend, seed });
    const lead = typeof seed === 'number' ? 0 : 1;
    const names = Object.keys(model.parameters);
    const loss = mse({ pred: model.forward(xs, { training: true }), label }, {}, { leadingAxes: lead });
    const gradients = grad(lead === 1 ? sum(loss) : loss, Object.values(model.parameters));
    // By the running statistics that the step has moved.
    const evaluated = model.forward(xs);
    const found = { loss, evaluated, ...model.buffers };
    for (const [i, name] of names.entries()) Object.assign(found, { [`gradient of ${name}`]: gradients[i]! });
    return { ...found, ...model.parameters } as Record<string, Tensor>;
  };
  const x = tensor(pixels, [SEEDS.length, rows, 1, 18, 16], backend);
  const y = tensor(labels, [SEEDS.length, rows, 2], backend);
  const together = await run(SEEDS, x, y);
  for (const [s, seed] of SEEDS.entries()) {
    const alone = await run(seed, part(x, s), part(y, s));
    expect(Object.keys(alone)).toEqual(Object.keys(together));
    for (const [name, wanted] of Object.entries(alone)) {
      const got = together[name]!;
      expect([name, ...got.shape.slice(1)]).toEqual([name, ...wanted.shape]);
      expect([name, await part(got, s).data()]).toEqual([name, await wanted.data()]);
    }
  }
  const { loss, evaluated } = together;
  for (const all of [loss!, evaluated!]) expect((await all.data()).every(Number.isFinite)).toBe(true);
});

test('parts of a network with statistics are whole networks', () => {
  const model = resnet({ backend: cpu, seed: SEEDS, ...sizes, width: 0.25 });
  const one = parametersOf({ ...model.parameters, ...model.buffers }, 1);
  expect(one['trunk.norm.mean']!.shape).toEqual([16]);
  expect(() => model.forward(tensor(noise(3 * 4 * 7, 1), [3, 4, 7], cpu))).toThrow('wants images');
});

const ops: [string, Shape, (x: Tensor) => Tensor][] = [
  ['averages', [3, 2, 2, 6, 6], (x) => averagePool2d(x, { size: 2 })],
  ['averages of windows that overlap', [3, 2, 2, 7, 6], (x) => averagePool2d(x, { size: 3, stride: 2 })],
  ['l2', [3, 2, 2, 6, 6], (x) => l2Pool2d(x, { size: 2 })],
  ['maxima', [3, 2, 2, 6, 5], globalMaxPool2d],
  ['resizing', [3, 2, 2, 6, 5], (x) => resize2d(x, { size: [9, 4] })],
];

test.each(ops)('%s', async (_, shape, f) => {
  const backend = await gpu();
  const x = tensor(
    noise(
      shape.reduce((a, b) => a * b),
      3,
    ),
    shape,
    backend,
    { requiresGrad: true },
  );
  const y = f(x);
  const [dx] = grad(sum(square(y)), [x]);
  for (const s of SEEDS.keys()) {
    const own = part(x, s);
    own.requiresGrad = true;
    const alone = f(own);
    const [wanted] = grad(sum(square(alone)), [own]);
    expect(await part(y, s).data()).toEqual(await alone.data());
    expect(await part(dx!, s).data()).toEqual(await wanted!.data());
  }
});

/** Long rows of products and many pixels, so that there are blocks, pieces, and tiles of every kind. */
test.each([
  ['many channels', [2, 2, 70, 5, 6], [2, 5, 70, 3, 3], { padding: 1 }],
  ['large images', [2, 3, 2, 40, 33], [2, 5, 2, 3, 3], { stride: 2, padding: 2 }],
  ['a channel each', [2, 3, 12, 11, 10], [2, 12, 1, 3, 3], { groups: 12, padding: 1, stride: 2 }],
  ['groups', [2, 3, 8, 9, 9], [2, 6, 4, 3, 3], { groups: 2 }],
  ['a pixel each', [2, 3, 16, 9, 9], [2, 20, 16, 1, 1], {}],
  ['wide kernels', [2, 1, 2, 9, 24], [2, 3, 2, 2, 9], { dilation: 2 }],
] as const)('convolutions: %s', async (_, xShape, weightShape, options) => {
  const backend = await gpu();
  const make = (shape: Shape, seed: number) =>
    tensor(
      noise(
        shape.reduce((a, b) => a * b),
        seed,
      ),
      shape,
      backend,
      { requiresGrad: true },
    );
  const [x, weight, bias] = [make(xShape, 1), make(weightShape, 2), make(weightShape.slice(0, 2), 3)];
  const y = conv2d(x, weight, bias, { ...options, activation: 'tanh' });
  const gradients = grad(sum(square(y)), [x, weight, bias]);
  for (const s of [0, 1]) {
    const own = [x, weight, bias].map((each) => {
      const copy = part(each, s);
      copy.requiresGrad = true;
      return copy;
    });
    const alone = conv2d(own[0]!, own[1]!, own[2]!, { ...options, activation: 'tanh' });
    const wanted = grad(sum(square(alone)), own);
    expect(await part(y, s).data()).toEqual(await alone.data());
    for (const [i, gradient] of gradients.entries())
      expect(await part(gradient, s).data()).toEqual(await wanted[i]!.data());
  }
});

test.each(['CPU', 'GPU'])(
  'images that seeds share, drawn and changed as for each alone: %s',
  async (name) => {
    const backend = name === 'CPU' ? cpu : await gpu();
    const table = Uint8Array.from({ length: 9 * 12 }, (_, i) => (i * 37) % 256);
    const rows = [Uint32Array.of(8, 0, 3, 5), Uint32Array.of(0, 1, 2, 7), Uint32Array.of(4, 4, 6, 8)];
    const label = (s: number) => Float32Array.from(rows[s]!, (row) => 100 * s + row);
    const draw = async (seed: number | readonly number[], seeds: readonly number[]) => {
      const labels = Float32Array.from(seeds.flatMap((s) => [...label(s)]));
      const own = seeds.map((s) => rows[s]!);
      const columns = {
        label: { values: labels, width: 1 },
        x: { values: table, width: 12, rows: own },
        second: { values: Float32Array.from(table), width: 12, rows: own },
      };
      const batches = new Batches(columns, backend, { batchSize: 3, seed });
      const seen: ArrayLike<number>[] = [];
      for (const number of [0, 1, 2]) {
        batches.prepare(number);
        backend.step.begin(number + 1);
        const { x, label: y, second } = batches.batch();
        expect(await x.data()).toEqual(await second.data());
        const images = view(x, [...x.shape.slice(0, -1), 1, 3, 4]);
        const changed = augment(images, { shift: 1, brightness: 9, noise: 2, seed, call: 0 });
        seen.push(await x.data(), await y.data(), await changed.data());
      }
      batches.dispose();
      return seen;
    };
    const together = await draw(SEEDS, [0, 1, 2]);
    for (const [s, seed] of SEEDS.entries()) {
      const alone = await draw(seed, [s]);
      for (const [k, values] of alone.entries())
        expect(Array.from(together[k]!).slice(s * values.length, (s + 1) * values.length)).toEqual(
          Array.from(values),
        );
      // Each image is the one that its label says.
      const [x, y] = alone as [ArrayLike<number>, ArrayLike<number>];
      for (let i = 0; i < 3; i++) {
        const row = y[i]! - 100 * s;
        expect(Array.from(x).slice(12 * i, 12 * i + 12)).toEqual([
          ...table.subarray(12 * row, 12 * row + 12),
        ]);
      }
    }
  },
);

test('misuse is refused with its name', () => {
  const values = new Uint8Array(8);
  const of = (rows: Uint32Array[], seed: number[] = [1, 2]) =>
    new Batches({ x: { values, width: 2, rows } }, cpu, { batchSize: 1, seed });
  expect(() => of([Uint32Array.of(0)])).toThrow("'x' has lists of 1 rows; wants 2 of one length");
  expect(() => of([Uint32Array.of(0), Uint32Array.of(1, 2)])).toThrow('lists of 1, 2 rows');
  expect(() => of([Uint32Array.of(0), Uint32Array.of(4)])).toThrow("'x' has no row 4; it has 4");
  tidy(() => {
    const images = tensor(new Float32Array(16), [2, 2, 1, 2, 2], cpu);
    expect(() => augment(images, { seed: [1, 2, 3] })).toThrow('wants (3, n, channels, height, width)');
    expect(() => augment(images, { seed: 1 })).toThrow('wants (n, channels, height, width)');
  });
});
