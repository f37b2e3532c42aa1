/** `pow_` on a GPU: its error against float64, the same bits on every driver, its edges. */
import { expect, test } from 'vitest';
import { pow } from '../../../engine/ops/pointwise/elementwise.ts';
import { tensor } from '../../../engine/tensor.ts';
import { errorOf } from '../../../tools/ulp-error.ts';
import { powArguments } from '../../../tools/ulp-pow.ts';
import { sha256 } from '../../../base/sha256.ts';
import { gpu } from '../../backends.ts';

async function powers(a: ArrayLike<number>, b: ArrayLike<number>): Promise<Float32Array> {
  const backend = await gpu();
  const y = await pow(tensor(a, [a.length], backend), tensor(b, [b.length], backend)).data();
  return Float32Array.from(y);
}

test('is within 5 units in the last place, and the same on every adapter that rounds as IEEE asks', async () => {
  const { a, b } = powArguments(2 ** 20);
  const y = await powers(a, b);
  let worst = 0;
  let compared = 0;
  const invalid: string[] = [];
  for (let i = 0; i < y.length; i++) {
    const error = errorOf(y[i]!, a[i]! ** b[i]!);
    if (Number.isNaN(error)) invalid.push(`${a[i]} ** ${b[i]} gives ${y[i]}`);
    worst = Math.max(worst, error);
    if (error > 0) compared++;
  }
  expect(invalid).toEqual([]);
  expect(worst).toBeLessThan(5);
  expect(worst).toBeGreaterThan(0.4);
  expect(compared).toBeGreaterThan(2 ** 19);
  // SHA-256 of all results, cut short; the same on lavapipe (Mesa 25.0.7) and SwiftShader (5.0).
  if (/llvmpipe|swiftshader/i.test((await gpu()).name)) {
    expect((await sha256(new Uint8Array(y.buffer))).slice(0, 16)).toBe('9416f494845b94e1');
  }
}, 60_000);

test('its edges', async () => {
  const inf = Infinity;
  const cases: [number, number, number][] = [
    [0, 0, 1],
    [0, 2, 0],
    [0, -1, inf],
    [-0, 3, 0],
    [1e-40, 0.5, 0], // subnormal numbers count as 0
    [2, 1e-40, 1],
    [-2, 3, -8],
    [-2, 2, 4],
    [-2, -1, -0.5],
    [-2, 0.5, NaN],
    [-8, 1 / 3, NaN],
    [-1, 1e30, 1],
    [-3, 16777215, -inf], // the last odd float
    [1, 1e30, 1],
    [2, 127, 2 ** 127],
    [2, 128, inf],
    [2, -126, 2 ** -126],
    [2, -127, 0],
    [inf, 0.5, inf],
    [inf, -0.5, 0],
    [-inf, 3, -inf],
    [-inf, 2, inf],
    [2, inf, inf],
    [0.5, inf, 0],
    [2, -inf, 0],
    [1.0000001, 1e38, inf],
    [0.9999999, 1e38, 0],
    [NaN, 0, 1],
    [NaN, 1, NaN],
    [2, NaN, NaN],
  ];
  const y = await powers(
    cases.map(([a]) => a),
    cases.map(([, b]) => b),
  );
  expect(cases.map(([a, b], i) => [a, b, y[i]])).toEqual(cases);
});
