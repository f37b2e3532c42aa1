/** Every kernel compiles and makes a pipeline, by the WGSL compiler, without a GPU. */
import { describe, expect, test } from 'vitest';
import { type Extent, flatKernel, stridedKernel } from '../kernels/elementwise.ts';
import { pointFunctions } from '../kernels/functions.ts';
import { fusedLoss, sumBlocks } from '../kernels/fused-loss.ts';
import { defineKernel, type Kernel } from '../kernels/kernel.ts';
import { fusedActivations, matmulKernel } from '../kernels/matmul.ts';
import {
  concatInto,
  fill,
  gatherRows,
  MAX_CONCAT_INPUTS,
  scatterRows,
  stridedCopy,
} from '../kernels/movement.ts';
import { adam, rmsProp, sgd, squaredNorm } from '../kernels/optimizer.ts';
import { dropoutMask, randomNormal, randomUniform } from '../kernels/random.ts';
import { longReduction, shortReduction } from '../kernels/reduce.ts';
import { gatherBatch, readStep, storeMetric } from '../kernels/training.ts';
import { lossCases } from './cases.ts';
import { wgslErrors } from './wgsl-errors.ts';

function elementwiseKernels(): Kernel[] {
  return Object.values(pointFunctions).flatMap((f) => [
    ...extentsOf(f.parameters.length).map((extents) => flatKernel(f, extents)),
    ...[1, 2, 3, 4, 5].map((rank) => stridedKernel(f, rank)),
  ]);
}

/** Every combination of full tensors and scalars. */
function extentsOf(count: number): Extent[][] {
  if (count === 0) return [[]];
  return extentsOf(count - 1).flatMap((rest) => [
    [...rest, 'full' as const],
    [...rest, 'scalar' as const],
  ]);
}

function matmulKernels(): Kernel[] {
  const lengths = [1, 2, 3, 4, 5, 8, 64, 65];
  const kernels = new Set<Kernel>();
  for (const m of lengths)
    for (const n of lengths)
      for (const k of [3, 4]) {
        for (const transposeA of [false, true])
          for (const transposeB of [false, true]) {
            const options = { transposeA, transposeB, hasBias: false, activation: 'identity' } as const;
            kernels.add(matmulKernel({ m, n, k }, options).kernel);
            if (transposeA || transposeB) continue;
            for (const activation of Object.keys(fusedActivations) as (keyof typeof fusedActivations)[]) {
              kernels.add(matmulKernel({ m, n, k }, { ...options, hasBias: true, activation }).kernel);
            }
          }
        const options = {
          transposeA: true,
          transposeB: false,
          hasBias: false,
          activation: 'identity',
        } as const;
        kernels.add(matmulKernel({ m, n, k }, { ...options, hasColumnSum: true }).kernel);
      }
  return [...kernels];
}

function lossKernels(): Kernel[] {
  const losses = new Set(lossCases.map(({ loss }) => loss));
  return [...losses].flatMap(({ definition, kernel }) => {
    const { name, inputs, wrt = ['pred'], params: defaults = {}, fused: element } = definition;
    const params = Object.keys(defaults);
    const slots = [[], params, params.slice(1)];
    return [
      kernel,
      ...[false, true].flatMap((isSplit) =>
        slots.map((stepParams) => fusedLoss({ name, inputs, wrt, params, stepParams, element, isSplit })),
      ),
    ];
  });
}

const families: Record<string, Kernel[]> = {
  elementwise: elementwiseKernels(),
  reductions: (['sum', 'max'] as const).flatMap((reduction) => [
    shortReduction(reduction),
    longReduction(reduction),
  ]),
  movement: [
    ...[1, 2, 3, 4, 5, 6].map(stridedCopy),
    ...Array.from({ length: MAX_CONCAT_INPUTS }, (_, i) => concatInto(i + 1)),
    gatherRows,
    scatterRows,
    fill,
  ],
  matmul: matmulKernels(),
  optimisers: [adam(false), adam(true), sgd, rmsProp, squaredNorm],
  random: [randomUniform, randomNormal, dropoutMask],
  training: [...[1, 2, 3, 4, 5].map(gatherBatch), storeMetric, readStep],
  losses: [...lossKernels(), sumBlocks],
};

describe.each(Object.entries(families))('%s', (_, kernels) => {
  test(`${kernels.length} kernels: valid WGSL, and a pipeline within the default limits`, async () => {
    const errors: string[] = [];
    for (const kernel of kernels) errors.push(...(await wgslErrors(kernel)));
    expect(errors).toEqual([]);
  }, 60_000);

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
    import('../kernels/fused-loss.ts'),
    import('../kernels/movement.ts'),
    import('../kernels/optimizer.ts'),
    import('../kernels/random.ts'),
    import('../kernels/training.ts'),
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
  const main = '@compute @workgroup_size(WORKGROUP_SIZE)\nfn main()';
  const wrong = defineKernel({ name: 'wrong', inputs: ['x'], outputs: ['y'], code: `${main} { y[0] = x; }` });
  expect(await wgslErrors(wrong)).toEqual([expect.stringMatching(/^wrong:\d+:\d+ .*cannot assign/)]);
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
  expect((await wgslErrors(early))[0]).toContain('must only be called from uniform control flow');
  const greedy = {
    name: 'greedy',
    inputs: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'],
    outputs: ['y'],
    code: `${main} { y[0] = a[0]; }`,
  };
  expect((await wgslErrors(defineKernel(greedy)))[0]).toContain('storage buffers (9)');
  const wide = defineKernel({
    name: 'wide',
    inputs: [],
    outputs: ['y'],
    workgroupSize: 1024,
    code: `${main} { y[0] = 1.0; }`,
  });
  expect((await wgslErrors(wide))[0]).toContain('wide');
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
