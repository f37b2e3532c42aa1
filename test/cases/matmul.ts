/** Cases of the matrix products. */
import * as gemm from '../../engine/ops/matmul/gemm.ts';
import * as matmul from '../../engine/ops/matmul/matmul.ts';
import type { Shape } from '../../engine/shape.ts';
import { type OpFamily, opsOf } from './case.ts';

const lib = { ...matmul, ...gemm };
const op = opsOf(lib);
const transposes = [false, true].flatMap((transposeA) =>
  [false, true].map((transposeB) => ({ transposeA, transposeB })),
);

export const matmulFamily: OpFamily = {
  exports: lib,
  cases: [
    ...transposes.flatMap(({ transposeA, transposeB }) => {
      const pair = (lead: Shape, [m, k, n]: readonly [number, number, number], leadB = lead) => {
        const a = transposeA ? [...lead, k, m] : [...lead, m, k];
        const b = transposeB ? [...leadB, n, k] : [...leadB, k, n];
        return op(lib.matmul, [a, b], { args: [{ transposeA, transposeB }], tolerance: 1e-5 }); // products of 2 by 2
      };
      return [
        pair([], [3, 5, 2]),
        pair([], [4, 8, 4]),
        pair([], [9, 6, 7]),
        pair([2], [3, 4, 5]),
        pair([2], [5, 3, 4], []),
        pair([], [5, 3, 4], [2]),
        pair([2, 2], [1, 3, 1]),
        pair([2, 1], [3, 2, 4], [3]), // both stretched
        pair([3], [2, 3, 2], [2, 1]),
        pair([1], [3, 4, 2], [2]),
        pair([2], [3, 4, 2], [1, 1]),
        pair([3, 2], [2, 3, 1], [1, 2]),
      ];
    }),
    // A vector is a row on the left, a column on the right.
    ...[
      [[3], [3]],
      [[4], [4, 3]],
      [[2, 3], [3]],
      [[3], [2, 3, 4]],
      [[2, 3, 4], [4]],
    ].map((shapes) => op(lib.matmul, shapes, { tolerance: 1e-5 })),
    ...transposes.flatMap((transpose) => {
      const a = transpose.transposeA ? [3, 4] : [4, 3];
      const b = transpose.transposeB ? [5, 3] : [3, 5];
      const options = { alpha: -0.7, beta: 1.3, ...transpose };
      return [
        op(lib.gemm, [a, b], { args: [transpose], tolerance: 1e-5 }),
        ...[[4, 5], [5], [4, 1], []].map((c) =>
          op(lib.gemm, [a, b, c], {
            call: (x, y, z) => lib.gemm(x!, y!, { c: z!, ...options }),
            tolerance: 1e-5,
          }),
        ),
      ];
    }),
    op(lib.gemm, [[2, 3], [3, 2], [2]], { call: (x, y, z) => lib.gemm(x!, y!, { c: z! }), tolerance: 1e-5 }),
    op(lib.linear, [[3, 5, 2], [1, 2, 4], [4]], { args: ['tanh'], tolerance: 1e-5 }), // one model in a batch of one
    op(
      lib.linear,
      [
        [2, 1, 5, 2],
        [3, 2, 4],
      ],
      { args: [undefined, 'tanh'], tolerance: 1e-5 },
    ),
    ...(['identity', 'relu', 'tanh', 'sigmoid'] as const).flatMap((activation) => [
      op(lib.linear, [[5, 3], [3, 4], [4]], { args: [activation], tolerance: 1e-5 }),
      op(
        lib.linear,
        [
          [5, 4],
          [4, 3],
        ],
        { args: [undefined, activation], tolerance: 1e-5 },
      ),
    ]),
    op(lib.linear, [[3, 9], [9, 7], [7]], { args: ['tanh'], tolerance: 1e-5 }), // several tiles of the weight's gradient
    op(lib.linear, [[3, 64], [64, 64], [64]], { args: ['tanh'], tolerance: 2e-5 }), // the largest tile, 64 products
    op(lib.linear, [[2, 5, 3], [3, 4], [4]], { args: ['tanh'], tolerance: 1e-5 }),
    op(
      lib.linear,
      [
        [2, 5, 3],
        [2, 3, 4],
        [2, 4],
      ],
      { args: ['tanh'], tolerance: 1e-5 },
    ), // a model for each of two seeds
    op(
      lib.linear,
      [
        [5, 1],
        [2, 1, 3],
        [2, 3],
      ],
      { args: ['sigmoid'], tolerance: 1e-5 },
    ), // which share their input
    op(lib.linear, [[5, 3], [2, 3, 2], [2]], { args: ['tanh'], tolerance: 1e-5 }),
  ],
};
