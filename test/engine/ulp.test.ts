/** The measurement behind docs/ulp.md and the soak: what counts as an error, a fall, a NaN. */
import { expect, test } from 'vitest';
import { errorOf } from '../../tools/ulp-error.ts';
import { ErrorCount } from '../../tools/ulp-measure.ts';
import { page } from '../../tools/ulp-page.ts';
import { powArguments } from '../../tools/ulp-pow.ts';

test('errors are counted in neighbours of the wanted number', () => {
  expect(errorOf(1, 1)).toBe(0);
  expect(errorOf(1 + 2 ** -23, 1)).toBe(1);
  expect(errorOf(1 - 2 ** -24, 1)).toBe(0.5); // below a power of two floats lie closer
  expect(errorOf(-8, -8 - 2 ** -21)).toBe(0.5);
  expect(errorOf(0, 2 ** -126)).toBe(2 ** 23);
  for (const [got, wanted] of [
    [0, 1e-40], // subnormal: flushed
    [Infinity, 1e39],
    [-Infinity, -Infinity],
    [NaN, NaN],
  ] as const)
    expect(errorOf(got, wanted)).toBe(0);
  for (const [got, wanted] of [
    [NaN, 1],
    [Infinity, 1],
    [1, 1e-40],
    [-Infinity, 1e39],
    [1, NaN],
  ] as const)
    expect(errorOf(got, wanted)).toBeNaN();
});

test('a fall, a NaN and the worst error are found, whatever the sign', () => {
  const count = new ErrorCount('exp');
  const exp = (x: Float32Array) => x.map((v) => Math.exp(v));
  // In the order of bit patterns: up, then from -1 down.
  const up = Float32Array.of(1, 2, 3, 4);
  const down = Float32Array.of(-1, -2, -3, -4);
  count.add(up, exp(up));
  count.add(down, exp(down));
  expect(count.errors).toMatchObject({ falls: 0, invalid: 0, compared: 8 });
  expect(count.errors.maxUlp).toBeLessThan(0.5);
  count.add(up, exp(up).with(2, 1));
  count.add(down, exp(down).with(1, NaN).with(3, 1));
  expect(count.errors).toMatchObject({ falls: 2, invalid: 1, invalidAt: -2, compared: 16 });
  expect(count.errors.maxUlp).toBeGreaterThan(1e6);
});

test('subnormal, infinite and NaN arguments count when all are asked for', () => {
  const special = Float32Array.of(1e-40, Infinity, NaN);
  const some = new ErrorCount('exp');
  some.add(special, Float32Array.of(7, 7, 7));
  expect(some.errors).toMatchObject({ compared: 0, invalid: 0 });
  const all = new ErrorCount('exp', { hasAll: true });
  all.add(special, Float32Array.of(1, Infinity, NaN));
  expect(all.errors).toMatchObject({ compared: 3, maxUlp: 0, invalid: 0 });
  all.add(special, Float32Array.of(7, 7, 7));
  expect(all.errors.invalid).toBe(2);
  expect(all.errors.maxUlp).toBe(6 * 2 ** 23);
});

test('bits of normal and of subnormal arguments are told apart, NaNs are one', () => {
  const x = Float32Array.of(1, 1e-40, 2);
  const hashes = (y: Float32Array) => {
    const count = new ErrorCount('exp');
    count.addBits(x, y);
    return count.hashes();
  };
  const nan = new Float32Array(Uint32Array.of(0x7fc00001, 0, 0).buffer)[0]!;
  const base = hashes(Float32Array.of(1, 2, 3));
  expect(hashes(Float32Array.of(1, 9, 3))).toMatchObject({ normal: base.normal });
  expect(hashes(Float32Array.of(1, 9, 3)).subnormal).not.toBe(base.subnormal);
  expect(hashes(Float32Array.of(1, 2, 4))).toMatchObject({ subnormal: base.subnormal });
  expect(hashes(Float32Array.of(nan, 2, 3))).toEqual(hashes(Float32Array.of(NaN, 2, 3)));
});

test('the page says what was measured', () => {
  const errors = { maxUlp: 1.25, at: -3.5, falls: 0, invalid: 0, invalidAt: NaN, compared: 9 };
  const row = { ...errors, normal: 'a', subnormal: 'b' };
  const columns = [
    { adapter: 'llvmpipe: Mesa', math: 'portable' as const, rows: { tanh: row } },
    {
      adapter: 'SwiftShader driver',
      math: 'portable' as const,
      rows: { tanh: { ...row, subnormal: 'c', maxUlp: 3, invalid: 2, invalidAt: 88.7, falls: 4 } },
    },
  ];
  const text = page(columns, 'a day');
  expect(text).toContain('on a day. Adapters: llvmpipe: Mesa; SwiftShader driver.');
  expect(text).toContain('| op | lavapipe, portable | SwiftShader, portable |');
  expect(text).toContain('| tanh | 1.25 at -3.5, rises | 3 at -3.5, falls 4, NaN from 88.7 | yes | **no** |');
  expect(text).toContain('Portable above 2 ULP (pow: 16):\ntanh.');
});

test('pow is measured on results that are normal numbers', () => {
  const { a, b } = powArguments(4096);
  for (const [i, base] of a.entries()) {
    const y = Math.abs(base ** b[i]!);
    expect(y > 2 ** -126 && y < 2 ** 128, `${base} ** ${b[i]}`).toBe(true);
  }
});
