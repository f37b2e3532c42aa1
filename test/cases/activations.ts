/** Cases of the activations. */
import * as lib from '../../engine/ops/pointwise/activations.ts';
import { mul } from '../../engine/ops/pointwise/elementwise.ts';
import { type OpFamily, opsOf } from './case.ts';

const op = opsOf(lib);

export const activationFamily: OpFamily = {
  exports: lib,
  cases: [
    ...[
      lib.relu,
      lib.elu,
      lib.gelu,
      lib.silu,
      lib.hardSwish,
      lib.sigmoid,
      lib.hardSigmoid,
      lib.tanh,
      lib.softplus,
      lib.softsign,
      lib.leakyRelu,
      lib.normalDensity,
      lib.normalDistribution,
    ].map((f) => op(f, [[3, 7]])),
    op(lib.leakyRelu, [[3, 7]], { args: [-2] }),
    op(lib.prelu, [
      [2, 3, 2, 2],
      [3, 1, 1],
    ]),
    op(lib.prelu, [
      [4, 3],
      [4, 3],
    ]),
    op(lib.elu, [[3, 7]], { args: [0.3] }),
    op(lib.elu, [[3, 7], [7]]),
    op(lib.hardSwish, [[3, 7]], { call: (x) => lib.hardSwish(mul(x, 3)) }), // also beyond its kinks
    op(lib.hardSigmoid, [[3, 7]], { args: [{ alpha: -0.7, beta: 0.4 }] }),
    ...[lib.tanhGrad, lib.sigmoidGrad, lib.reluGrad].flatMap((f) => [
      op(f, [
        [4, 3],
        [4, 3],
      ]),
      op(f, [[4, 3], [3]]),
    ]),
  ],
};
