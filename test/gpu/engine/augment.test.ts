/** Augmentation: the same on GPU and CPU, new in every step, the same again in a replayed and a resumed one. */
import { expect, test } from 'vitest';
import { augment, type AugmentOptions } from '../../../engine/data/augment.ts';
import { capture } from '../../../engine/capture.ts';
import { grad } from '../../../engine/grad.ts';
import { detach, mul } from '../../../engine/ops/pointwise/elementwise.ts';
import { sum } from '../../../engine/ops/reduce/sum.ts';
import { tensor } from '../../../engine/tensor.ts';
import { cpu, gpu } from '../../backends.ts';
import { noise } from '../../check.ts';

const shape = [6, 2, 5, 7];
const values = noise(6 * 2 * 5 * 7, 3);
const all: AugmentOptions = { shift: [1, 2], brightness: 0.3, contrast: 0.2, noise: 0.1, seed: 5 };

test.each([
  ['shifts', { shift: 2, seed: 1 }],
  ['everything', all],
])('GPU and CPU agree: %s', async (_, options: AugmentOptions) => {
  const results: ArrayLike<number>[] = [];
  for (const backend of [cpu, await gpu()]) {
    backend.step.reset();
    results.push(await augment(tensor(values, shape, backend), { ...options, call: 4 }).data());
  }
  const [wanted, got] = [results[0]!, results[1]!];
  for (let i = 0; i < got.length; i++) expect(Math.abs(got[i]! - wanted[i]!)).toBeLessThan(2e-6);
});

test('a shift moves whole images by whole pixels, all channels alike, and repeats the edge', async () => {
  const backend = await gpu();
  const image = Float32Array.from({ length: shape[0]! * 70 }, (_, i) => (i % 35) + 100 * Math.floor(i / 35));
  const y = await augment(tensor(image, shape, backend), { shift: [1, 2], call: 0 }).data();
  const moves = new Set<string>();
  for (let n = 0; n < shape[0]!; n++) {
    const found = [];
    for (let moveY = -1; moveY <= 1; moveY++)
      for (let moveX = -2; moveX <= 2; moveX++) {
        const isIt = Array.from({ length: 70 }, (_, i) => {
          const [channel, row, column] = [Math.floor(i / 35), Math.floor(i / 7) % 5, i % 7];
          const [r, c] = [Math.min(4, Math.max(0, row + moveY)), Math.min(6, Math.max(0, column + moveX))];
          return image[n * 70 + channel * 35 + r * 7 + c] === y[n * 70 + i];
        }).every(Boolean);
        if (isIt) found.push(`${moveY} ${moveX}`);
      }
    expect(found.length).toBe(1);
    moves.add(found[0]!);
  }
  expect(moves.size).toBeGreaterThan(2);
});

test('nothing asked for is nothing changed', async () => {
  const backend = await gpu();
  expect(await augment(tensor(values, shape, backend)).data()).toEqual(values);
});

test('brightness and contrast stay in their ranges, one draw an image', async () => {
  const backend = await gpu();
  const ones = new Float32Array(400 * 4).fill(1);
  const x = tensor(ones, [400, 1, 2, 2], backend);
  const bright = await augment(x, { brightness: 0.5 }).data();
  const strong = await augment(x, { contrast: 0.25 }).data();
  for (const [y, most] of [
    [bright, 0.5],
    [strong, 0.25],
  ] as const) {
    for (let i = 0; i < y.length; i++) {
      expect(Math.abs(y[i]! - 1)).toBeLessThanOrEqual(most + 1e-6);
      expect(y[i]).toBe(y[i - (i % 4)]);
    }
    const mean = Array.from(y).reduce((total, v) => total + v, 0) / y.length;
    expect(Math.abs(mean - 1)).toBeLessThan((5 * most) / Math.sqrt(3 * 400));
  }
});

test('a replayed step draws what an eager one does, each its own', async () => {
  const backend = await gpu();
  const x = tensor(values, shape, backend);
  const run = async (isCaptured: boolean) => {
    backend.step.reset();
    const once = () => augment(augment(x, all), { ...all, seed: 9 });
    const replayed = capture(once, backend);
    const results = [];
    for (let i = 0; i < 4; i++) {
      if (!isCaptured) backend.step.begin();
      results.push([...(await (isCaptured ? replayed() : once()).data())]);
    }
    replayed.dispose();
    return results;
  };
  const eager = await run(false);
  expect(await run(true)).toEqual(eager);
  expect(new Set(eager.map(String)).size).toBe(4);
});

test('seeds and calls each change everything', async () => {
  const backend = await gpu();
  const x = tensor(values, shape, backend);
  const of = async (options: AugmentOptions) => {
    backend.step.reset();
    return [...(await augment(x, { noise: 1, call: 0, seed: 1, ...options }).data())];
  };
  const base = await of({});
  expect(await of({})).toEqual(base);
  for (const other of [await of({ seed: 2 }), await of({ call: 1 })])
    expect(other.filter((v, i) => v === base[i]).length).toBe(0);
});

test('what is wrong is said, and a gradient through it is no silent zero', async () => {
  const backend = await gpu();
  const x = tensor(values, shape, backend);
  expect(() => augment(tensor(values, [6, 70], backend))).toThrow('wants (n, channels, height, width)');
  expect(() => augment(x, { shift: 0.5 })).toThrow('shift must be one or two integers');
  expect(() => augment(x, { noise: -1 })).toThrow('noise must be a number of at least 0, got -1');
  const wanted = tensor(values, shape, backend, { requiresGrad: true });
  expect(() => grad(sum(augment(wanted, all)), [wanted])).toThrow('it is for data and has no gradient');
  const scale = tensor([2], [], backend, { requiresGrad: true });
  const [g] = grad(sum(mul(augment(detach(wanted), { shift: 1 }), scale)), [scale]);
  expect(Number.isFinite(await g!.item())).toBe(true);
});
