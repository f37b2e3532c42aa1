/** Cases of the pointwise ops. */
import * as lib from '../../engine/ops/pointwise/elementwise.ts';
import { dropout } from '../../engine/random.ts';
import { type Input, mask, positive, spread } from '../../engine/check/samples.ts';
import { type OpFamily, opsOf } from './case.ts';

const exports = { ...lib, dropout };
const { add, sub, mul, div } = lib;
const op = opsOf(exports);

/** Away from the poles of the tangent, where finite differences lose their digits. */
const gentle: Input = { shape: [4, 3], values: Float32Array.from(spread([4, 3], 0).values, (x) => 0.6 * x) };

/** Bases of both signs with whole exponents: a power has no gradient by the exponent at a negative base. */
const whole: Input = { shape: [5], values: [-3, -1, 0, 1, 4], isConstant: true };

export const elementwiseFamily: OpFamily = {
  exports,
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
    op(lib.pow, [positive([4, 3]), [4, 3]]),
    op(lib.pow, [positive([4, 1]), [3]]),
    op(lib.pow, [spread([4, 5], 0), whole]),
    ...[3, 2, 1, 0, -1].map((exponent) => op(lib.pow, [[5]], { args: [exponent] })),
    op(lib.pow, [positive([5])], { args: [0.5] }),
    op(lib.pow, [[5]], { call: (x) => lib.pow(2, x) }),
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
    ...[lib.greater, lib.greaterEqual, lib.less, lib.lessEqual, lib.equal, lib.notEqual].map((f) =>
      op(f, [[4, 3], [3]]),
    ),
    op(lib.where, [mask([4, 3]), [4, 3], [4, 3]]),
    op(lib.where, [mask([4, 3]), [3], [4, 1]]),
    op(lib.where, [mask([3]), [4, 3]], { args: [0] }),
    op(lib.clamp, [[4, 3]], { args: [-0.5, 1] }),
    op(lib.clamp, [[4, 3]], { args: [-Infinity, 0] }),
    op(lib.clamp, [[4, 3], [3], [4, 1]]),
    ...[
      lib.neg,
      lib.abs,
      lib.isFinite,
      lib.isNaN,
      lib.sign,
      lib.floor,
      lib.ceil,
      lib.round,
      lib.square,
      lib.reciprocal,
      lib.exp,
      lib.expm1,
      lib.sin,
      lib.cos,
      lib.atan,
      lib.erf,
    ].map((f) => op(f, [[4, 3]])),
    op(lib.tan, [gentle]),
    // A cotangent of 0 must not meet an infinite slope: e^100 is infinite in float32, and its gradient does not flow.
    op(lib.where, [{ shape: [3], values: [1, 100, -2] }], {
      call: (x) => lib.where(lib.greater(lib.exp(x), 5), lib.square(x), x),
    }),
    ...[lib.sqrt, lib.log, lib.log1p].map((f) => op(f, [positive([4, 3])])),
    op(dropout, [[5, 3]], { args: [0.4, { seed: 3, call: 0 }] }),
  ],
};
