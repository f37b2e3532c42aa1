/** Every kernel compiles and makes a pipeline, by the WGSL compiler of each host. */
import { describe, expect, inject, test } from 'vitest';
import { defineKernel, type Kernel } from '../../../kernels/kernel.ts';
import { families } from '../../kernel-families.ts';
import { compilable, wgslErrors } from '../../wgsl-errors.ts';

describe.each(Object.entries(families))('%s', (_, kernels) => {
  test('valid WGSL, and a pipeline within the default limits', async () => {
    const some = await compilable(kernels);
    expect(some.length).toBeGreaterThan(0);
    const errors: string[] = [];
    for (const kernel of some) errors.push(...(await wgslErrors(kernel)));
    expect(errors).toEqual([]);
  });

  test('at most 8 storage buffers', () => {
    for (const { name, inputs, outputs } of kernels)
      expect(inputs.length + outputs.length, name).toBeLessThanOrEqual(8);
  });

  test('no built-in that drivers disagree about', () => {
    const banned =
      /\b(exp2?|log2?|sinh?|cosh?|tanh?|a(sin|cos|tan)h?|atan2|pow|mix|fract|dot|length|distance|normalize|fma|smoothstep)\(/;
    for (const { name, source } of kernels) expect(source.match(banned)?.[0], name).toBeUndefined();
  });
});

test('no kernel of kernels/ is without a place above', async () => {
  const modules: object[] = await Promise.all([
    import('../../../kernels/image/axis-map.ts'),
    import('../../../kernels/training/fused-loss.ts'),
    import('../../../kernels/movement/movement.ts'),
    import('../../../kernels/training/optimizer.ts'),
    import('../../../kernels/image/pool.ts'),
    import('../../../kernels/random/random.ts'),
    import('../../../kernels/training/batch.ts'),
    import('../../../kernels/row-loss/label-weights.ts'),
    import('../../../kernels/row-loss/mean-of-rows.ts'),
    import('../../../kernels/small-network/shuffle.ts'),
  ]);
  const sources = new Set(Object.values(families).flatMap((kernels) => kernels.map(({ source }) => source)));
  for (const value of modules.flatMap((module) => Object.values(module) as unknown[])) {
    if (isKernel(value)) expect(sources.has(value.source), value.name).toBe(true);
  }
});

function isKernel(value: unknown): value is Kernel {
  return typeof value === 'object' && value !== null && 'source' in value && 'workgroupSize' in value;
}

test('the compiler complains where it must', async () => {
  const compiler = inject('host') === 'deno' ? 'naga' : 'tint';
  const main = '@compute @workgroup_size(WORKGROUP_SIZE)\nfn main()';
  const wrong = defineKernel({ name: 'wrong', inputs: ['x'], outputs: ['y'], code: `${main} { y[0] = x; }` });
  const assigned = { tint: /^wrong:6:18 cannot assign/, naga: /^wrong:6:20 \s*Shader validation error/ };
  expect(await wgslErrors(wrong)).toEqual([expect.stringMatching(assigned[compiler])]);
  const early = defineKernel({
    name: 'early',
    inputs: ['x'],
    outputs: ['y'],
    code: `${main.replace('()', '(@builtin(local_invocation_index) lane: u32)')} {
      if (x[lane] > 0.0) { return; }
      workgroupBarrier();
      y[lane] = 1.0;
    }`,
  });
  // naga does not analyse uniformity, so Deno leaves this mistake to the other hosts.
  const complaints = {
    tint: [expect.stringContaining('only be called from uniform control flow')],
    naga: [],
  };
  expect((await wgslErrors(early)).slice(0, 1)).toEqual(complaints[compiler]);
  const greedy = {
    name: 'greedy',
    inputs: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'],
    outputs: ['y'],
    code: `${main} { y[0] = a[0]; }`,
  };
  const limited = { tint: /storage buffers \(9\)/, naga: /StorageBuffers.*limit is 8, count was 9/ };
  expect((await wgslErrors(defineKernel(greedy)))[0]).toMatch(limited[compiler]);
  const wide = defineKernel({
    name: 'wide',
    inputs: [],
    outputs: ['y'],
    workgroupSize: 1024,
    code: `${main} { y[0] = 1.0; }`,
  });
  expect((await wgslErrors(wide))[0]).toMatch(/wide.*1024/);
});

test('the border of a kernel: names are checked, numbers are not written by hand', () => {
  const border =
    (inputs: string[], outputs: string[] = ['y']) =>
    () =>
      defineKernel({ name: 'k', inputs, outputs, code: '' });
  expect(border(['target'])).toThrow("k: 'target' is a reserved word of WGSL; choose another name");
  expect(border(['y'])).toThrow("k: the name 'y' is used twice");
  expect(border(['uniforms'])).toThrow("k: the name 'uniforms' is used twice");
  expect(border(['not_camel'])).toThrow("k: 'not_camel' is not a name in camelCase");
});
