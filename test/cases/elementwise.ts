/** Cases of the pointwise ops, and of dropout. */
import * as elementwise from '../../engine/ops/elementwise.ts';
import { dropout } from '../../engine/random.ts';
import { mask, positive } from '../../engine/samples.ts';
import { type OpFamily, opsOf } from './case.ts';

const lib = { ...elementwise, dropout };
const { add, sub, mul, div } = lib;
const op = opsOf(lib);

export const elementwiseFamily: OpFamily = {
  exports: lib,
  cases: [
    ...[add, sub, mul, div].flatMap((f) => [
      op(f, [
        [4, 3],
        [4, 3],
      ]),
      op(f, [
        [2, 3, 5],
        [3, 1],
      ]), // stretched in the middle
      op(f, [
        [4, 1],
        [1, 5],
      ]), // both stretched
      op(f, [[3], []]), // a scalar
      op(f, [[], [2, 3]]),
      op(f, [
        [2, 1, 3, 1],
        [4, 1, 5],
      ]), // rank 4, nothing to merge
    ]),
    op(add, [[5]], { args: [0.5] }),
    op(sub, [[5]], { call: (x) => sub(2, x) }),
    op(div, [[5]], { call: (x) => div(2, x) }),
    op(mul, [[4]], { call: (x) => mul(x, x) }), // one tensor as both operands
    op(lib.maximum, [
      [4, 3],
      [4, 3],
    ]),
    op(lib.maximum, [[4, 3], [3]]),
    op(lib.minimum, [
      [4, 3],
      [4, 3],
    ]),
    op(lib.minimum, [
      [1, 3],
      [4, 1],
    ]),
    ...[lib.greater, lib.less, lib.equal].map((f) => op(f, [[4, 3], [3]])),
    op(lib.where, [mask([4, 3]), [4, 3], [4, 3]]),
    op(lib.where, [mask([4, 3]), [3], [4, 1]]),
    op(lib.where, [mask([3]), [4, 3]], { args: [0] }),
    ...[lib.neg, lib.abs, lib.sign, lib.square, lib.reciprocal, lib.exp, lib.sin, lib.cos, lib.erf].map((f) =>
      op(f, [[4, 3]]),
    ),
    ...[lib.sqrt, lib.log].map((f) => op(f, [positive([4, 3])])),
    ...[
      lib.tanh,
      lib.sigmoid,
      lib.relu,
      lib.softplus,
      lib.gelu,
      lib.normalDensity,
      lib.normalDistribution,
    ].map((f) => op(f, [[3, 7]])),
    ...[lib.tanhGrad, lib.sigmoidGrad, lib.reluGrad].flatMap((f) => [
      op(f, [
        [4, 3],
        [4, 3],
      ]),
      op(f, [[4, 3], [3]]),
    ]),
    op(dropout, [[5, 3]], { args: [0.4, { seed: 3, call: 0 }] }),
  ],
};
