/** Cases of softmax and its logarithm. */
import * as lib from '../../engine/ops/reduce/softmax.ts';
import { type OpFamily, opsOf } from './case.ts';

const op = opsOf(lib);

export const softmaxFamily: OpFamily = {
  exports: lib,
  cases: [lib.softmax, lib.logSoftmax].flatMap((f) => [
    op(f, [[4, 3]]),
    op(f, [[3]]),
    op(f, [[4, 1]]),
    op(f, [[0, 3]]),
    op(f, [[3, 0]]),
    op(f, [[2, 5, 3]], { args: [1] }),
    op(f, [[5, 2, 3]], { args: [0] }),
    op(f, [{ shape: [2, 3], values: [100, 101, 99, -200, -203, -201] }]), // exp would overflow, and underflow
    // Gradients add the numbers of a row up: a workgroup a row, the same with rows side by side, an invocation a row.
    op(f, [[2, 1100]], { tolerance: 2e-5 }),
    op(f, [[2, 1030, 2]], { args: [1], tolerance: 2e-5 }),
    op(f, [[1030, 33]], { args: [0], tolerance: 2e-5 }),
  ]),
};
