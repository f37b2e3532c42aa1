/** Cases of the reductions. */
import * as lib from '../../engine/ops/reduce.ts';
import { distinct } from '../../engine/samples.ts';
import { type OpFamily, opsOf } from './case.ts';

const op = opsOf(lib);

export const reduceFamily: OpFamily = {
  exports: lib,
  cases: [
    ...[lib.sum, lib.mean].flatMap((f) => [
      op(f, [[4, 3]]),
      op(f, [[4, 3]], { args: [0] }),
      op(f, [[4, 3]], { args: [-1] }),
      op(f, [[2, 3, 4]], { args: [1, { keepDims: true }] }),
      op(f, [[2, 3, 4, 2]], { args: [[0, 2]] }), // two runs of axes
      op(f, [[2, 3, 4]], { args: [[0, 1], { keepDims: true }] }),
      op(f, [[1, 3, 1]], { args: [[0, 2]] }), // nothing to add up
      op(f, [[]]),
      // More than 1,024: a workgroup an output. 1,100 float32 additions, 5 by 8 of them in a row, of numbers up to 2.
      op(f, [[2, 1100]], { args: [1], tolerance: 2e-5 }),
      op(f, [[1100, 3]], { args: [0], tolerance: 2e-5 }),
      op(f, [[1100]], { tolerance: 2e-5 }),
    ]),
    op(lib.max, [distinct([4, 3])]),
    op(lib.max, [distinct([4, 3])], { args: [0] }),
    op(lib.max, [distinct([2, 3, 4])], { args: [[0, 2], { keepDims: true }] }),
    op(lib.max, [distinct([2, 1100])], { args: [1] }),
    op(lib.sumTo, [[2, 3, 4]], { args: [[3, 1]] }),
    op(lib.sumTo, [[2, 3]], { args: [[]] }),
  ],
};
