/** Cases of the ops that move numbers. */
import * as lib from '../../engine/ops/movement.ts';
import { indices } from '../../engine/samples.ts';
import { type OpFamily, opsOf } from './case.ts';

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
    op(lib.gatherRows, [[4, 3], indices([2, 0, 2, 3, 1, 2])]),
    op(lib.gatherRows, [[5], indices([4, 4])]),
    op(lib.gatherRows, [[3, 2, 2], indices([1, 7])]), // 7 reads the last row
    op(lib.scatterRows, [[6, 3], indices([2, 0, 2, 3, 1, 2])], { args: [5] }),
    op(lib.scatterRows, [[3, 2], indices([1, 7, 0])], { args: [3] }),
  ],
};
