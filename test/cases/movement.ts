/** Cases of the ops that move numbers. */
import * as concat from '../../engine/ops/movement/concat.ts';
import * as gather from '../../engine/ops/movement/gather.ts';
import * as movement from '../../engine/ops/movement/movement.ts';
import * as pad from '../../engine/ops/movement/pad.ts';
import { slice } from '../../engine/ops/movement/slice.ts';
import { broadcastTo } from '../../engine/ops/reduce/sum.ts';
import { indices } from '../../engine/check/samples.ts';
import type { Shape } from '../../engine/shape.ts';
import { type OpFamily, opsOf } from './case.ts';

const lib = { ...movement, ...concat, slice, broadcastTo, ...gather, ...pad };
const op = opsOf(lib);

export const movementFamily: OpFamily = {
  exports: lib,
  cases: [
    op(lib.reshape, [[4, 6]], { args: [[3, -1]] }),
    op(lib.transpose, [[4, 3]]),
    op(lib.transpose, [[2, 3, 4]], { args: [[1, 2, 0]] }),
    op(lib.transpose, [[2, 3, 4, 2]], { args: [[0, 3, 1, -2]] }),
    op(lib.broadcastTo, [[3, 1]], { args: [[2, 3, 4]] }),
    op(lib.broadcastTo, [[]], { args: [[2, 3]] }),
    op(lib.slice, [[5, 3]], { args: [0, 1, 4] }),
    op(lib.slice, [[5, 7]], { args: [-1, 2, 7] }),
    op(lib.slice, [[2, 5, 3]], { args: [1, 4, 5] }),
    op(
      lib.concat,
      [
        [2, 3],
        [4, 3],
      ],
      { call: (...xs) => lib.concat(xs, 0) },
    ),
    op(
      lib.concat,
      [
        [2, 3],
        [2, 1],
        [2, 5],
      ],
      { call: (...xs) => lib.concat(xs, 1) },
    ),
    op(lib.concat, [[2, 3]], { call: (x) => lib.concat([x, x], -1) }),
    op(
      lib.concat,
      Array.from({ length: 16 }, (_, i) => [2, (i % 3) + 1, 2]),
      { call: (...xs) => lib.concat(xs, 1) },
    ),
    // Steps that divide the part or not, that end before the axis does, and that are longer than it.
    op(lib.slice, [[6, 3]], { args: [0, 0, 6, { step: 2 }] }),
    op(lib.slice, [[2, 7]], { args: [1, 1, 6, { step: 3 }] }),
    op(lib.slice, [[2, 5, 3]], { args: [1, 2, 5, { step: 2 }] }),
    op(lib.slice, [[4, 2]], { args: [0, 1, 3, { step: 5 }] }),
    op(lib.slice, [[4, 2]], { args: [0, 2, 2] }), // nothing
    // Bounds from the end, bounds left out, and backwards.
    op(lib.slice, [[5, 3]], { args: [0, -3, -1] }),
    op(lib.slice, [[5, 3]], { args: [0, undefined, -2, { step: 2 }] }),
    op(lib.slice, [[5, 3]], { args: [0, undefined, undefined, { step: -1 }] }),
    op(lib.slice, [[2, 7]], { args: [-1, -2, 0, { step: -2 }] }),
    op(lib.slice, [[2, 7, 2]], { args: [1, 6, undefined, { step: -3 }] }),
    op(lib.slice, [[2, 7]], { args: [1, 4, -8, { step: -3 }] }),
    op(lib.slice, [[4, 2]], { args: [0, 2, 2, { step: -2 }] }), // nothing
    op(lib.slice, [[0, 2]], { args: [0, undefined, undefined, { step: -1 }] }),
    op(lib.split, [[2, 6]], { call: (x) => lib.concat(lib.split(x, 3, 1).toReversed(), 0) }),
    op(lib.split, [[5, 2]], { call: (x) => lib.concat(lib.split(x, [1, 0, 4]).toReversed(), 0) }),
    op(lib.flip, [[4, 3]]),
    op(lib.flip, [[2, 3, 4]], { args: [1] }),
    op(lib.flip, [[2, 3, 4, 2]], { args: [[-1, 0]] }),
    op(lib.flip, [[0, 3]]),
    op(lib.flip, [[]]),
    ...(['constant', 'edge', 'reflect', 'symmetric', 'wrap'] as const).flatMap((mode) => {
      const padded = (shape: Shape, widths: readonly [number, number][]) =>
        op(lib.pad, [shape], { args: [widths, { mode, value: 0.7 }] });
      return [
        padded([4], [[1, 2]]),
        padded(
          [3, 4],
          [
            [2, 1],
            [0, 3],
          ],
        ),
        padded(
          [2, 1, 3],
          [
            [0, 0],
            [2, 1],
            [7, 5],
          ],
        ), // more than one image, and one of a single element
      ];
    }),
    op(lib.pad, [[2, 0]], {
      args: [
        [
          [1, 0],
          [1, 2],
        ],
      ],
    }),
    op(lib.gather, [[4, 3], indices([2, 0, 2, 3, 1, 2])]),
    op(lib.gather, [[2, 4, 3], indices([3, 3, 0])], { args: [1] }),
    op(lib.gather, [[2, 4], { ...indices([1, 7, 0, 1, 2, 2]), shape: [3, 2] }], { args: [-1] }), // 7 reads the last
    op(lib.gather, [[4, 3], indices([])]),
    op(lib.scatter, [[2, 6, 3], indices([2, 0, 2, 3, 1, 2])], { args: [5, 1] }),
    op(lib.scatter, [[3, 2, 2], { ...indices([1, 9, 1, 0, 2, 1]), shape: [3, 2] }], { args: [4] }),
    op(lib.gatherRows, [[4, 3], indices([2, 0, 2, 3, 1, 2])]),
    op(lib.gatherRows, [[5], indices([4, 4])]),
    op(lib.gatherRows, [[3, 2, 2], indices([1, 7])]), // 7 reads the last row
    op(lib.scatterRows, [[6, 3], indices([2, 0, 2, 3, 1, 2])], { args: [5] }),
    op(lib.scatterRows, [[3, 2], indices([1, 7, 0])], { args: [3] }),
  ],
};
