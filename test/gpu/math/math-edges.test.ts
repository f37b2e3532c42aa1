/** The functions of `kernels/math/math.ts` at their edges, and beside arithmetic that a driver could fold into them. */
import { expect, test } from 'vitest';
import { type MathName, mathNames } from '../../../kernels/math/math.ts';
import { evaluate } from '../../evaluate.ts';

const edges: Record<MathName, [number, number][]> = {
  exp: [
    [0, 1],
    [88.8, Infinity],
    [Infinity, Infinity],
    [-87.4, 0],
    [-1e30, 0],
    [-Infinity, 0],
    [1e-40, 1],
  ],
  expm1: [
    [0, 0],
    [88.8, Infinity],
    [-18, -1],
    [-1e30, -1],
    [1e-40, 0],
    [2e-38, 2e-38],
  ],
  log: [
    [1, 0],
    [0, -Infinity],
    [-0, -Infinity],
    [1e-40, -Infinity],
    [-1, NaN],
    [Infinity, Infinity],
  ],
  log1p: [
    [0, 0],
    [-1, -Infinity],
    [-1.5, NaN],
    [Infinity, Infinity],
    [2e-38, 2e-38],
    [1e-40, 0],
  ],
  tanh: [
    [0, 0],
    [9.1, 1],
    [-9.1, -1],
    [1e30, 1],
    [-Infinity, -1],
    [2e-38, 2e-38],
    [-1e-40, 0],
  ],
  sigmoid: [
    [0, 0.5],
    [20, 1],
    [1e30, 1],
    [-87.4, 0],
    [-Infinity, 0],
  ],
  softplus: [
    [100, 100],
    [1e30, 1e30],
    [Infinity, Infinity],
    [-87.4, 0],
    [-1e30, 0],
  ],
  erf: [
    [0, 0],
    [4, 1],
    [-4, -1],
    [1e30, 1],
    [-Infinity, -1],
    [1e-40, 0],
  ],
  sin: [
    [0, 0],
    [Infinity, NaN],
    [2e-38, 2e-38],
    [-1e-40, 0],
  ],
  tan: [
    [0, 0],
    [Infinity, NaN],
    [2e-38, 2e-38],
    [-1e-40, 0],
  ],
  atan: [
    [0, 0],
    [Infinity, Math.PI / 2],
    [-1e30, -Math.PI / 2],
    [2e-38, 2e-38],
    [-1e-40, 0],
  ],
  cos: [
    [0, 1],
    [-Infinity, NaN],
    [1e-40, 1],
  ],
};

test.each(mathNames)('%s_ at its edges', async (name) => {
  const pairs = [...edges[name], [NaN, NaN]] as const;
  const y = await evaluate(
    `${name}_(x)`,
    Float32Array.from(pairs, ([argument]) => argument),
  );
  expect([...y]).toEqual(pairs.map(([, wanted]) => Math.fround(wanted)));
});

// Drivers rearrange sums across what was a call: the argument and the result must be out of their reach.
test.each([
  ['log_(1.0 + x)', 'log_(x)', (v: number) => 1 + v, (v: number) => v],
  ['log1p_(x - 1.0)', 'log1p_(x)', (v: number) => v - 1, (v: number) => v],
  ['exp_(x * 2.5)', 'exp_(x)', (v: number) => v * 2.5, (v: number) => v],
  ['1.0 - tanh_(x)', 'tanh_(x)', (v: number) => v, (v: number) => 1 - v],
  ['1.0 - erf_(x)', 'erf_(x)', (v: number) => v, (v: number) => 1 - v],
  ['1.0 + expm1_(x)', 'expm1_(x)', (v: number) => v, (v: number) => 1 + v],
  ['1.0 - atan_(x)', 'atan_(x)', (v: number) => v, (v: number) => 1 - v],
  ['1.0 + tan_(x)', 'tan_(x)', (v: number) => v, (v: number) => 1 + v],
  ['2.5 + log_(x)', 'log_(x)', (v: number) => v, (v: number) => 2.5 + v],
])('%s is what its parts give', async (whole, part, before, after) => {
  const argument = Float32Array.from({ length: 2 ** 14 }, (_, i) => 2 ** -10 + i * 2 ** -12 * 1.0009765625);
  const y = await evaluate(whole, argument);
  const inner = await evaluate(
    part,
    argument.map((v) => before(v)),
  );
  expect(y).toEqual(inner.map((v) => after(v)));
});
