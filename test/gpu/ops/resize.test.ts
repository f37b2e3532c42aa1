/** Resampling against PyTorch, and what is refused. `ops.test.ts` holds its gradients to finite differences. */
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../../engine/backend.ts';
import { grad } from '../../../engine/grad.ts';
import { mul } from '../../../engine/ops/pointwise/elementwise.ts';
import { sum } from '../../../engine/ops/reduce/sum.ts';
import { resize2d, type ResizeOptions } from '../../../engine/ops/image/resize.ts';
import { ShapeError } from '../../../engine/shape.ts';
import { tensor, zeros } from '../../../engine/tensor.ts';
import { cpu, gpu } from '../../backends.ts';
import { compareValues } from '../../check.ts';
import fixture from '../../fixtures/resize.json' with { type: 'json' };
import { wave } from '../../fixtures/wave.ts';

interface Case {
  image: [number, number];
  options: ResizeOptions;
  y: number[];
  gradient: number[];
}

// JSON widens what the interface narrows.
const cases = fixture.cases as unknown as Case[];
const backends: [string, () => Promise<Backend>][] = [
  ['CPU', async () => cpu],
  ['GPU', gpu],
];

describe.each(backends)('%s', (_, open) => {
  test.each(cases.map((c) => [`[${c.image}] ${JSON.stringify(c.options)}`, c] as const))(
    '%s',
    async (_name, { image, options, y: wanted, gradient }) => {
      const backend = await open();
      const shape = [1, 2, ...image];
      const x = tensor(wave(shape, 1), shape, backend, { requiresGrad: true });
      const y = resize2d(x, options);
      expect(y.shape).toEqual([1, 2, ...options.size]);
      compareValues('value', await y.data(), Float64Array.from(wanted), 1e-6);
      const [dx] = grad(sum(mul(y, tensor(wave(y.shape, 2), y.shape, backend))), [x]);
      compareValues('gradient', await dx!.data(), Float64Array.from(gradient), 1e-6);
    },
  );
});

test('the same size is the same tensor', () => {
  const x = zeros([1, 1, 3, 4], cpu);
  expect(resize2d(x, { size: [3, 4] })).toBe(x);
});

test('thirds of 3000 pixels: nearest takes the pixel that integers give', async () => {
  for (const backend of [cpu, await gpu()]) {
    const x = tensor([...Array(3000).keys()], [1, 1, 1, 3000], backend);
    const y = resize2d(x, { size: [1, 1000], mode: 'nearest' });
    expect([...(await y.data())]).toEqual([...Array(1000).keys()].map((i) => 3 * i));
  }
});

const x = zeros([1, 2, 3, 4], cpu);
const misfits: [string, () => unknown, string][] = [
  ['rank', () => resize2d(zeros([3, 4], cpu), { size: [2, 2] }), 'resize2d: x [3, 4]; wants (n, c, h, w)'],
  ['size 0', () => resize2d(x, { size: [0, 2] }), 'resize2d: size [0, 2]; wants two integers of at least 1'],
  [
    'half a pixel',
    () => resize2d(x, { size: [1.5, 2] }),
    'resize2d: size [1.5, 2]; wants two integers of at least 1',
  ],
  [
    'no pixels',
    () => resize2d(zeros([1, 2, 0, 4], cpu), { size: [2, 2] }),
    'resize2d: x [1, 2, 0, 4] has no pixels',
  ],
  [
    'corners',
    () => resize2d(x, { size: [2, 2], mode: 'nearest', alignCorners: true }),
    "resize2d: alignCorners with mode 'nearest'",
  ],
];

test.each(misfits)('refused: %s', (_, f, message) => {
  expect(f).toThrow(ShapeError);
  expect(f).toThrow(message);
});
