/** Softmax and its logarithm along an axis. */
import { getOrMake } from '../../../kernels/get-or-make.ts';
import type { Kernel } from '../../../kernels/kernel.ts';
import { planReduction } from '../../../kernels/reduce/reduce-plan.ts';
import { softmaxKernel } from '../../../kernels/reduce/softmax.ts';
import { dispatch } from '../../dispatch.ts';
import { resolveAxes } from '../../shape.ts';
import { record } from '../../tape.ts';
import { checkFloats, type Tensor } from '../../tensor.ts';
import { exp, mul, sub } from '../pointwise/elementwise.ts';
import { sum } from './sum.ts';
import { layoutOf, uniformsOf, workgroupsOf } from './reduction.ts';

const kernels = new Map<string, Kernel>();

/** exp x / Σ exp x along `axis`: numbers that add up to 1. Finite x do not overflow. */
export function softmax(x: Tensor, axis = -1): Tensor {
  const y = run('softmax', x, axis);
  // dx = y (g - Σ g y)
  return record('softmax', y, [x], (g) => [mul(y, sub(g, sum(mul(g, y), axis, { keepDims: true })))]);
}

/** x - log Σ exp x along `axis`: the logarithm of `softmax`, exact where that is 0. */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  const y = run('logSoftmax', x, axis);
  // dx = g - exp(y) Σ g
  return record('logSoftmax', y, [x], (g) => [sub(g, mul(exp(y), sum(g, axis, { keepDims: true })))]);
}

function run(op: 'softmax' | 'logSoftmax', x: Tensor, axis: number): Tensor {
  checkFloats(op, { x });
  x.checkAlive(op);
  const layout = layoutOf(x.shape, resolveAxes(op, axis, x.shape.length))!; // one axis is one run
  const plan = { pieces: 1, pieceSize: layout.count, isShared: planReduction(layout).isShared };
  const kernel = getOrMake(kernels, `${op}, ${plan.isShared}`, () =>
    softmaxKernel({ isLog: op === 'logSoftmax', isShared: plan.isShared }),
  );
  return dispatch(kernel, {
    inputs: { x },
    uniforms: uniformsOf(layout, plan),
    outputs: { y: x.shape },
    workgroups: workgroupsOf(kernel, layout, plan),
  }).y!;
}
