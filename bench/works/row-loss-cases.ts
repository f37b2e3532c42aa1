/** Losses of rows of logits, value and gradient: in two dispatches, or by the ops that define them. */
import { grad } from '../../engine/grad.ts';
import type { GpuBackend } from '../../engine/gpu/gpu.ts';
import { uniformValues } from '../../engine/random.ts';
import { outsideTidy, type Tensor, tensor } from '../../engine/tensor.ts';
import { crossEntropy, kdLoss } from '../../losses/classification.ts';
import type { RowLoss } from '../../losses/row-loss.ts';
import type { Case } from './case.ts';

/** How many times as long the ops should take at least: of long rows memory is what both wait for. */
const SHAPES: readonly (readonly [rows: number, classes: number, goal: number])[] = [
  [128, 10, 3],
  [128, 1000, 3],
  [1024, 10_000, 1.5],
];
const QUICK: typeof SHAPES = [
  [8, 10, 3],
  [4, 100, 3],
];

export function rowLossCases({ quick }: { quick: boolean }): Case[] {
  return (quick ? QUICK : SHAPES).flatMap(([rows, classes, goal]) => [
    // The largest, the difference, its exponential and their sum, the logarithm, the product, the probability and its difference.
    rowLossCase('crossEntropy', crossEntropy, { rows, classes, goal, flops: 8 }),
    rowLossCase('kdLoss', kdLoss, { rows, classes, goal, flops: 24 }),
  ]);
}

function rowLossCase(
  name: string,
  loss: RowLoss,
  { rows, classes, goal, flops }: { rows: number; classes: number; goal: number; flops: number },
): Case {
  const { inputs } = loss.definition;
  const size = rows * classes;
  const tables = inputs.filter((key) => key !== 'label').length;
  return {
    name: `${name}, value and gradient`,
    shape: `${rows}×${classes}`,
    flops: flops * size,
    // Logits are read, and the teacher's; the gradient is written.
    bytes: 4 * (tables + 1) * size,
    variants: ['composed'],
    goal,
    make(gpu, variant) {
      const given = Object.fromEntries(
        inputs.map((key, seed) => [key, columnOf(gpu, key, { rows, classes, seed })]),
      );
      const logits = given.logits!;
      logits.requiresGrad = true;
      const value = variant === 'composed' ? loss.composed : loss;
      return () => {
        const y = value(given);
        return [y, ...grad(y, [logits])];
      };
    },
  };
}

function columnOf(
  gpu: GpuBackend,
  name: string,
  { rows, classes, seed }: { rows: number; classes: number; seed: number },
): Tensor {
  if (name === 'label') {
    const labels = Uint32Array.from(uniformValues(rows, { seed }), (u) => Math.floor(u * classes));
    return outsideTidy(() => tensor(labels, [rows], gpu, { dtype: 'u32' }));
  }
  const values = uniformValues(rows * classes, { seed }).map((u) => 8 * u - 4);
  return outsideTidy(() => tensor(values, [rows, classes], gpu));
}
