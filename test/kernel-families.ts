/** Every kernel, in every shape that its template has, by family: `shaders.test.ts` compiles them all. */
import { type Extent, flatKernel, stridedKernel } from '../kernels/elementwise.ts';
import { pointFunctions } from '../kernels/functions.ts';
import { fusedLoss, sumBlocks } from '../kernels/fused-loss.ts';
import type { Kernel } from '../kernels/kernel.ts';
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
import { lossCases } from './cases/losses.ts';

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

export const families: Readonly<Record<string, readonly Kernel[]>> = {
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
