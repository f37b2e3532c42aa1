/** Pooling against PyTorch, at ties and at zeros, and what is refused. `ops.test.ts` has finite differences. */
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../../engine/backend.ts';
import { grad } from '../../../engine/grad.ts';
import { mul, square } from '../../../engine/ops/pointwise/elementwise.ts';
import {
  averagePool2d,
  globalAveragePool2d,
  globalL2Pool2d,
  globalMaxPool2d,
  l2Pool2d,
  maxPool2d,
  type PoolOptions,
} from '../../../engine/ops/image/pool.ts';
import { sum } from '../../../engine/ops/reduce/sum.ts';
import { ShapeError } from '../../../engine/shape.ts';
import { type Tensor, tensor, zeros } from '../../../engine/tensor.ts';
import { cpu, gpu } from '../../backends.ts';
import { compareValues } from '../../check.ts';
import fixture from '../../fixtures/pool.json' with { type: 'json' };
import { wave } from '../../fixtures/wave.ts';

interface Case {
  op: 'maxPool2d' | 'averagePool2d';
  image: [number, number];
  /** A small one makes ties. */
  modulus: number;
  options: PoolOptions;
  shape: number[];
  y: number[];
  gradient: number[];
}

// JSON widens what the interface narrows.
const cases = fixture.cases as unknown as Case[];
const ops = { maxPool2d, averagePool2d };
const backends: [string, () => Promise<Backend>][] = [
  ['CPU', async () => cpu],
  ['GPU', gpu],
];

describe.each(backends)('%s', (_, open) => {
  test.each(
    cases.map((c) => [`${c.op} [${c.image}] mod ${c.modulus} ${JSON.stringify(c.options)}`, c] as const),
  )('%s', async (_name, { op, image, modulus, options, shape, y: wanted, gradient }) => {
    const backend = await open();
    const from = [1, 1, ...image];
    const x = tensor(wave(from, 1, modulus), from, backend, { requiresGrad: true });
    const y = ops[op](x, options);
    expect(y.shape).toEqual(shape);
    compareValues('value', await y.data(), Float64Array.from(wanted), 1e-6);
    const [dx] = grad(sum(mul(y, tensor(wave(shape, 2), shape, backend))), [x]);
    compareValues('gradient', await dx!.data(), Float64Array.from(gradient), 1e-6);
  });

  test('l2Pool2d: root of the sum of squares; a window of zeros has gradient 0, twice', async () => {
    const backend = await open();
    const x = tensor([3, 4, 0, 0], [1, 1, 1, 4], backend, { requiresGrad: true });
    const y = l2Pool2d(x, { size: [1, 2] });
    expect([...(await y.data())]).toEqual([5, 0]);
    const [dx] = grad(sum(y), [x], { createGraph: true });
    compareValues('gradient', await dx!.data(), Float64Array.from([0.6, 0.8, 0, 0]), 1e-6);
    // Σ dx² = 1 for a window of any length but 0.
    const [second] = grad(sum(square(dx!)), [x]);
    compareValues('second gradient', await second!.data(), Float64Array.from([0, 0, 0, 0]), 1e-6);
  });

  test('globally', async () => {
    const backend = await open();
    const x = tensor([3, 4, 0, 0, -1, -2, -2, 0], [1, 2, 2, 2], backend);
    const values = async (y: Tensor) => {
      expect(y.shape).toEqual([1, 2, 1, 1]);
      return [...(await y.data())];
    };
    expect(await values(globalMaxPool2d(x))).toEqual([4, 0]);
    expect(await values(globalAveragePool2d(x))).toEqual([1.75, -1.25]);
    expect(await values(globalL2Pool2d(x))).toEqual([5, 3]);
  });

  test('padding never wins, and minus infinity may', async () => {
    const backend = await open();
    const x = tensor([-3, -5, -Infinity, -Infinity], [1, 1, 1, 4], backend);
    const y = maxPool2d(x, { size: 2, padding: [1, 0] });
    expect([...(await y.data())]).toEqual([-3, -Infinity]);
  });
});

const x = zeros([1, 2, 5, 6], cpu);
const misfits: [string, () => unknown, string][] = [
  ['rank', () => maxPool2d(zeros([5, 6], cpu), { size: 2 }), 'maxPool2d: x [5, 6]; wants (n, c, h, w)'],
  ['size', () => maxPool2d(x, { size: 0 }), 'maxPool2d: size [0, 0]; wants one integer of at least 1'],
  [
    'half a size',
    () => averagePool2d(x, { size: [2, 1.5] }),
    'averagePool2d: size [2, 1.5]; wants one integer',
  ],
  ['stride', () => averagePool2d(x, { size: 2, stride: [1, 0] }), 'averagePool2d: stride [1, 0]; wants'],
  ['dilation', () => l2Pool2d(x, { size: 2, dilation: -1 }), 'l2Pool2d: dilation [-1, -1]; wants'],
  [
    'padding',
    () => maxPool2d(x, { size: 2, padding: -1 }),
    'maxPool2d: padding [-1, -1]; wants one integer of',
  ],
  [
    'three paddings',
    () => maxPool2d(x, { size: 2, padding: [1, 1, 1] }),
    'maxPool2d: padding [1, 1, 1]; wants one integer of at least 0, [vertical, horizontal] or [top, bottom, left, right]',
  ],
  [
    'a large window',
    () => maxPool2d(x, { size: 8, padding: 1 }),
    'maxPool2d: a window of 8 along axis 2 of [1, 2, 5, 6], which is 7 with its padding',
  ],
  [
    'a dilated window',
    () => averagePool2d(x, { size: [2, 3], dilation: [1, 3] }),
    'averagePool2d: a window of 7 along axis 3 of [1, 2, 5, 6], which is 6 with its padding',
  ],
  [
    'a window of padding',
    () => averagePool2d(x, { size: 2, stride: 1, padding: [0, 0, 0, 2] }),
    'averagePool2d: window 6 along axis 3 of [1, 2, 5, 6] lies in the padding [0, 2] alone; pad less',
  ],
  [
    'no pixels',
    () => globalAveragePool2d(zeros([1, 2, 0, 3], cpu)),
    'globalAveragePool2d: x [1, 2, 0, 3] has no pixels',
  ],
  ['global rank', () => globalL2Pool2d(zeros([3], cpu)), 'globalL2Pool2d: x [3]; wants (n, c, h, w)'],
];

test.each(misfits)('refused: %s', (_, f, message) => {
  expect(f).toThrow(ShapeError);
  expect(f).toThrow(message);
});
