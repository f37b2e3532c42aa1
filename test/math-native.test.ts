/** `math: 'native'`: the same kernels with WGSL's built-ins, on request only. */
import { expect, test } from 'vitest';
import { openDevice } from '../engine/device.ts';
import { openGpu } from '../engine/gpu.ts';
import { pow } from '../engine/ops/elementwise.ts';
import { map } from '../engine/ops/map.ts';
import { tensor } from '../engine/tensor.ts';
import { mathFor, mathFunctions, mathNames } from '../kernels/math.ts';
import { families } from './kernel-families.ts';
import { wgslErrors } from './wgsl-errors.ts';

test('functions are near float64 where the built-ins are good', async () => {
  const gpu = await openGpu({ math: 'native' });
  expect(gpu.opened.math).toBe('native');
  const x = Float32Array.from({ length: 300 }, (_, i) => 0.2 + i / 100);
  for (const name of mathNames) {
    const y = await map(name, tensor(x, [x.length], gpu)).data();
    for (const [i, value] of x.entries())
      expect(y[i], `${name} ${value}`).toBeCloseTo(mathFunctions[name].js(value), name === 'tan' ? 1 : 4);
  }
  const bases = tensor([2, -2, -2, -2, 0, 9], [6], gpu);
  const powers = await pow(bases, tensor([0.5, 3, 2, 0.5, 0, 0], [6], gpu)).data();
  const wanted = [Math.SQRT2, -8, 4, NaN, 1, 1];
  expect([...powers].map((value) => Number(value.toFixed(4)))).toEqual(
    wanted.map((value) => Number(value.toFixed(4))),
  );
  gpu.close();
});

test('the default is portable, and another word is refused', async () => {
  const { math, close } = await openDevice();
  close();
  expect(math).toBe('portable');
  const wrong = openDevice({ math: 'fast' as 'native' });
  await expect(wrong).rejects.toThrow("openDevice: math is 'fast'; wants 'portable' or 'native'");
});

test('a built-in where there is one, no helper that nobody calls', () => {
  expect(mathFor('exp_(x)', 'native')).toContain('return exp(x)');
  expect(mathFor('exp_(x)', 'native')).not.toContain('exponential_');
  expect(mathFor('erf_(x)', 'native')).toContain('fn erf_');
});

test('every kernel compiles with them, and differs only where it calls them', async () => {
  const kernels = Object.values(families).flat();
  const changed = kernels.filter(({ source, nativeSource }) => source !== nativeSource);
  expect(changed.length).toBeGreaterThan(50);
  for (const { source } of changed) expect(source).toMatch(/\w_\(/);
  const errors: string[] = [];
  for (const kernel of changed)
    errors.push(...(await wgslErrors({ ...kernel, source: kernel.nativeSource })));
  expect(errors).toEqual([]);
}, 60_000);
