/** Cases of ops along an axis, of types, and of triangles. */
import { addAlongAxis, takeAlongAxis } from '../../engine/ops/movement/along-axis.ts';
import { cast } from '../../engine/ops/pointwise/cast.ts';
import { cumsum } from '../../engine/ops/order/cumsum.ts';
import { oneHot } from '../../engine/ops/movement/one-hot.ts';
import { stack } from '../../engine/ops/movement/stack.ts';
import { tril, triu } from '../../engine/ops/movement/triangle.ts';
import { std, variance } from '../../engine/ops/reduce/variance.ts';
import { distinct, indices, type Input } from '../../engine/check/samples.ts';
import type { Shape } from '../../engine/shape.ts';
import { type OpFamily, opsOf } from './case.ts';

const lib = { addAlongAxis, takeAlongAxis, cast, cumsum, oneHot, stack, tril, triu, std, variance };
const op = opsOf(lib);

/** Every place below `below` more than once, in no order. */
function index(shape: Shape, below: number): Input {
  const values = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => ((i * 37) % 101) % below);
  return { shape, values, dtype: 'u32' };
}

export const alongFamily: OpFamily = {
  exports: lib,
  cases: [
    op(takeAlongAxis, [[4, 3], index([4, 5], 3)]),
    op(takeAlongAxis, [[4, 3], index([2, 3], 4)], { args: [0] }),
    op(takeAlongAxis, [[2, 4, 3], index([2, 6, 3], 5)], { args: [-2] }), // 4 reads the last
    op(takeAlongAxis, [[2, 4, 3], index([1, 2, 1], 4)], { args: [1] }),
    op(takeAlongAxis, [[1, 5], index([3, 2], 5)]),
    op(takeAlongAxis, [[4, 3], { shape: [4, 0], values: [], dtype: 'u32' }]),
    op(takeAlongAxis, [[2, 9], index([2, 150], 12)]), // its adjoint sorts the index
    op(addAlongAxis, [[4, 3], index([4, 3], 5)], { args: [4] }),
    op(addAlongAxis, [[2, 5, 3], index([2, 5, 3], 4)], { args: [4, 1] }),
    op(addAlongAxis, [[130, 2], index([130, 2], 7)], { args: [5, 0] }),
    op(addAlongAxis, [[0, 3], { shape: [0, 3], values: [], dtype: 'u32' }], { args: [2, 0] }),
    ...[{}, { reverse: true }, { exclusive: true }, { exclusive: true, reverse: true }].flatMap((options) => [
      op(cumsum, [[7]], { args: [0, options] }),
      op(cumsum, [[2, 5, 3]], { args: [1, options] }),
      op(cumsum, [[3, 1500]], { args: [-1, options] }),
    ]),
    op(cumsum, [[2100, 3]], { args: [0] }),
    op(cumsum, [[2, 0]], { args: [1] }),
    op(cast, [[4]], { args: ['f32'] }),
    op(cast, [{ shape: [6], values: [-3.7, -0.2, 0, 0.9, 1.5, 4e9], isConstant: true }], {
      args: ['u32'],
      call: (x) => cast(cast(x, 'u32'), 'f32'),
    }),
    op(oneHot, [indices([2, 0, 3, 9])], { args: [4] }),
    op(oneHot, [index([2, 3], 4)], { args: [4] }),
    op(oneHot, [indices([1, 0])], { args: [0] }),
    op(
      stack,
      [
        [2, 3],
        [2, 3],
      ],
      { call: (...xs) => stack(xs) },
    ),
    op(
      stack,
      [
        [2, 3],
        [2, 3],
        [2, 3],
      ],
      { args: [-1], call: (...xs) => stack(xs, -1) },
    ),
    op(stack, [[], []], { call: (...xs) => stack(xs, 0) }),
    ...[tril, triu].flatMap((f) => [
      op(f, [[4, 3]]),
      op(f, [[2, 3, 5]], { args: [1] }),
      op(f, [[5, 3]], { args: [-2] }),
      op(f, [[2, 0]], { args: [0] }),
    ]),
    ...[variance, std].flatMap((f) => [
      op(f, [distinct([7])]),
      op(f, [distinct([4, 3])], { args: [0, { correction: 1 }] }),
      op(f, [distinct([2, 3, 4])], { args: [[0, -1], { keepDims: true }] }),
      op(f, [distinct([2, 3, 4, 3])], { args: [[1, 3], { correction: 1.5 }] }),
      op(f, [distinct([2, 3, 4, 3])], { args: [[0, 2]] }),
      op(f, [distinct([3, 1, 1100])], { args: [-1, { correction: 1 }] }),
      op(f, [distinct([3, 2])], { args: [[]], tolerance: undefined }),
      op(f, [{ shape: [0, 3], values: [] }], { args: [1] }),
    ]),
  ],
};
