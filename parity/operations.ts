/** Every op and every loss with its gradients, over the cases of the tests and over arguments of every size. */
import { resultsOn } from '../engine/check/check.ts';
import { map } from '../engine/ops/pointwise/map.ts';
import type { Input } from '../engine/check/samples.ts';
import type { Differentiable, GpuBackend } from '../index.ts';
import * as lib from '../index.ts';
import { unaryNames } from '../kernels/pointwise/functions.ts';
import { opCases } from '../test/cases/all.ts';
import { lossCases } from '../test/cases/losses.ts';
import { rowLossCases } from '../test/cases/row-losses.ts';
import { type Bits, bitsOf } from './measurement.ts';

interface OperationCase {
  name: string;
  f: Differentiable;
  inputs: readonly Input[];
  order: number;
}

/** Prime, so that all bits of the significand vary: 2^16 of the 2^32 float32 numbers. */
const STRIDE = 65_537;

/** Shapes that are cut into pieces, or tiled otherwise than the small ones of the cases. */
const large: readonly [string, Differentiable, readonly (readonly number[])[]][] = [
  [
    'matmul',
    (a, b) => lib.matmul(a!, b!),
    [
      [65, 300],
      [300, 47],
    ],
  ],
  ['linear tanh', (x, w, b) => lib.linear(x!, w!, b, 'tanh'), [[256, 100], [100, 100], [100]]],
  ['sum', (x) => lib.sum(x!), [[5000]]],
  ['mean by rows', (x) => lib.mean(x!, 1), [[3, 3000]]],
  ['softmax', (x) => lib.softmax(x!), [[7, 1500]]],
  ['layerNorm', (x) => lib.layerNorm(x!), [[6, 1200]]],
  ['mse', (pred, label) => lib.mse({ pred: pred!, label: label! }), [[9000], [9000]]],
  [
    'jsd',
    (logits, teacher) => lib.jsd({ logits: logits!, teacher: teacher! }),
    [
      [3, 3000],
      [3, 3000],
    ],
  ],
  ['conv2d', (x, w, b) => lib.conv2d(x!, w!, b, { padding: 1 }), [[4, 8, 18, 30], [16, 8, 3, 3], [16]]],
  ['conv2d 5×5', (x, w, b) => lib.conv2d(x!, w!, b), [[2, 20, 14, 26], [12, 20, 5, 5], [12]]],
];

const cases: readonly OperationCase[] = [
  ...[...opCases, ...lossCases, ...rowLossCases].map(({ name, f, inputs }) => ({
    name,
    f,
    inputs,
    order: 2,
  })),
  ...large.map(([name, f, shapes]) => ({
    name: `${name} ${shapes.map((shape) => `[${shape.join(', ')}]`).join(' ')}`,
    f,
    // A loss has no gradient by its label, or its teacher.
    inputs: shapes.map((shape, i) => ({
      ...lib.samples.spread(shape, i),
      isConstant: ['mse', 'jsd'].includes(name) && i === 1,
    })),
    order: 1,
  })),
  ...unaryNames.map((name) => ({
    name: `${name} of every exponent`,
    f: (x: lib.Tensor) => map(name, x),
    inputs: [everyExponent()],
    order: 0,
  })),
];

/** Value, gradient and second gradient of each case; a case that two share the name of counts as another. */
export async function measureOperations(
  backend: GpuBackend,
  onCase: (name: string) => void,
): Promise<Record<string, Record<string, Bits>>> {
  const all: Record<string, Record<string, Bits>> = {};
  // Random numbers are those of a step.
  backend.step.reset();
  for (const { name, f, inputs, order } of cases) {
    const results = await resultsOn(backend, f, inputs, order);
    const unique = Object.hasOwn(all, name) ? `${name}, ${Object.keys(all).length}` : name;
    all[unique] = Object.fromEntries(
      Object.entries(results).map(([what, { values }]) => [what, bitsOf(values)]),
    );
    onCase(name);
  }
  return all;
}

export const operationCount = cases.length;

/** Numbers of both signs, subnormal ones too, without NaN and infinities. */
function everyExponent(): Input {
  const words = Uint32Array.from({ length: 2 ** 16 }, (_, i) => i * STRIDE);
  const values = new Float32Array(words.buffer).map((x) => (Number.isFinite(x) ? x : 1));
  return { shape: [values.length], values, isConstant: true };
}
