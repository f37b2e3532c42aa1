/** Runs matmuls by a plan of the test's choosing: two products side by side, with all that a kernel can do after the sum. */
import type { Backend } from '../engine/backend.ts';
import { dispatch } from '../engine/dispatch.ts';
import { tensor } from '../engine/tensor.ts';
import { buildMatmul, workgroupsOf } from '../kernels/matmul/matmul.ts';
import type { MatmulOptions } from '../kernels/matmul/matmul-options.ts';
import type { AnyPlan } from '../kernels/matmul/matmul-plan.ts';
import { noise } from './check.ts';

/** Products at once. */
export const matrices = 2;

interface Problem extends Pick<MatmulOptions, 'transposeA' | 'transposeB'> {
  m: number;
  n: number;
  k: number;
}

/** From a plan to y, on the same operands each time. */
export function matmulBy(backend: Backend, { m, n, k, transposeA, transposeB }: Problem) {
  const options: MatmulOptions = {
    ...{ transposeA, transposeB, hasBias: true, activation: 'tanh' },
    ...{ hasAddend: true, gate: 'sigmoid' },
  };
  const draw = (size: number, seed: number) => tensor(noise(size, seed), [size], backend);
  const inputs = {
    a: draw(matrices * m * k, 1),
    b: draw(matrices * k * n, 2),
    bias: draw(matrices * n, 3),
    addend: draw(matrices * m * n, 4),
    gate: draw(matrices * m * n, 5),
  };
  return (plan: AnyPlan) =>
    dispatch(buildMatmul(plan, options), {
      inputs,
      uniforms: { m, n, k, matrices, strideA: m * k, strideB: k * n, strideBias: n },
      outputs: { y: [matrices, m, n] },
      workgroups: workgroupsOf(plan, { m, n, matrices }),
    }).y!.data();
}
