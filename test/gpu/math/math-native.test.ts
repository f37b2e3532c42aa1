/** `math: 'native'`: the same kernels with WGSL's built-ins, on request only. */
import { expect, test } from 'vitest';
import { openDevice } from '../../../engine/device/device.ts';
import { openGpu } from '../../../engine/gpu/gpu.ts';
import { pow } from '../../../engine/ops/pointwise/elementwise.ts';
import { map } from '../../../engine/ops/pointwise/map.ts';
import { tensor } from '../../../engine/tensor.ts';
import { mathFor, mathFunctions, type MathName, mathNames } from '../../../kernels/math/math.ts';
import { families } from '../../kernel-families.ts';
import { compilable, wgslErrors } from '../../wgsl-errors.ts';

/** WGSL lets sin and cos err by 2^-11, and SwiftShader errs by a tenth of that; tan is their quotient. */
function slack(name: MathName, wanted: number): number {
  if (name === 'sin' || name === 'cos') return 2 ** -11;
  return name === 'tan' ? 2 ** -11 * (1 + wanted ** 2) : 5e-5;
}

test('functions are near float64 where the built-ins are good', async () => {
  const gpu = await openGpu({ math: 'native' });
  expect(gpu.opened.math).toBe('native');
  const x = Float32Array.from({ length: 300 }, (_, i) => 0.2 + i / 100);
  for (const name of mathNames) {
    const y = await map(name, tensor(x, [x.length], gpu)).data();
    for (const [i, value] of x.entries()) {
      const wanted = mathFunctions[name].js(value);
      expect(Math.abs(y[i]! - wanted), `${name} ${value}`).toBeLessThan(slack(name, wanted));
    }
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
  for (const kernel of await compilable(changed))
    errors.push(...(await wgslErrors({ ...kernel, source: kernel.nativeSource })));
  expect(errors).toEqual([]);
});
