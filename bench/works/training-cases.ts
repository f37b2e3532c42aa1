/** What a training step does besides its network: the batch, the loss with its gradients, the update. */
import { Batches } from '../../engine/data/batches.ts';
import { grad } from '../../engine/grad.ts';
import type { GpuBackend } from '../../engine/gpu/gpu.ts';
import { adam } from '../../engine/optim/optim.ts';
import { uniformValues } from '../../engine/random.ts';
import { outsideTidy, type Tensor, tensor, zeros } from '../../engine/tensor.ts';
import type { Loss } from '../../losses/loss.ts';
import { mse } from '../../losses/regression.ts';
import { tor } from '../../losses/tor.ts';
import { torDual } from '../../losses/tor-dual.ts';
import type { Case } from './case.ts';

export function trainingCases({ quick }: { quick: boolean }): Case[] {
  const parameters = quick ? 2 ** 10 : 2 ** 20;
  const [rows, width, batch] = quick ? [20, 6, 4] : [1000, 36 * 60, 256];
  const samples = quick ? [100, 10_000] : [1000, 100_000];
  return [
    {
      name: 'adam',
      shape: `${parameters} parameters`,
      // Two moments, two corrections, the root, the quotient and the difference, with their factors.
      flops: 12 * parameters,
      // Parameters and both moments are read and written, gradients read.
      bytes: 4 * 7 * parameters,
      make(gpu) {
        const weight = zeros([parameters], gpu);
        weight.requiresGrad = true;
        const optimizer = adam({ weight });
        const gradients = [tensor(uniformValues(parameters), [parameters], gpu)];
        return () => {
          optimizer.step(gradients);
          return [];
        };
      },
    },
    {
      name: 'batch',
      shape: `${batch} of ${rows}×${width}`,
      flops: 0,
      bytes: 4 * 2 * batch * width,
      make(gpu) {
        const columns = { x: { values: uniformValues(rows * width), width } };
        const batches = new Batches(columns, gpu, { batchSize: batch, seed: 0 });
        batches.prepare(0);
        return () => batches.batch().x;
      },
    },
    ...samples.flatMap((size) => [
      lossCase('mse', mse, size, { inputs: ['pred', 'label'], flops: 4 }),
      lossCase('tor', tor, size, { inputs: ['pred', 'label', 'teacher', 'outlier'], flops: 10 }),
      lossCase('torDual', torDual, size, {
        inputs: ['pred', 'teacherPred', 'label', 'teacher', 'outlier'],
        flops: 16,
      }),
    ]),
  ];
}

/** Value and gradients: in one pass, or by the ops that define the loss. */
function lossCase<I extends string>(
  name: string,
  loss: Loss<I, string>,
  size: number,
  { inputs, flops }: { inputs: readonly I[]; flops: number },
): Case {
  const wrt = (loss.definition.wrt ?? ['pred']) as readonly I[];
  return {
    name: `${name}, value and gradients`,
    shape: String(size),
    flops: flops * size,
    bytes: 4 * (inputs.length + wrt.length) * size,
    variants: ['composed'],
    goal: 3,
    make(gpu, variant) {
      const given = Object.fromEntries(
        inputs.map((input, seed) => [input, column(gpu, size, seed, input)]),
      ) as Record<I, Tensor>;
      for (const input of wrt) given[input].requiresGrad = true;
      const leaves = wrt.map((input) => given[input]);
      const value = variant === 'composed' ? loss.composed : loss;
      return () => {
        const y = value(given);
        return [y, ...grad(y, leaves)];
      };
    },
  };
}

/** Uniform in [0, 1); of outliers every fourth. */
function column(gpu: GpuBackend, size: number, seed: number, name: string): Tensor {
  const values = uniformValues(size, { seed });
  const chosen = name === 'outlier' ? values.map((value) => Number(value < 0.25)) : values;
  return outsideTidy(() => tensor(chosen, [size], gpu));
}
