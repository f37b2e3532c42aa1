/** Cases of the reductions. */
import * as reduce from '../../engine/ops/reduce/reduce.ts';
import { sum, sumTo } from '../../engine/ops/reduce/sum.ts';
import { distinct, type Input, positive } from '../../engine/check/samples.ts';
import type { Shape } from '../../engine/shape.ts';
import { type OpCase, type OpFamily, opsOf } from './case.ts';

const lib = { ...reduce, sum, sumTo };
const op = opsOf(lib);

type Sample = (shape: Shape) => Shape | Input;

/** Up to 8,580 numbers are added, 64 or 256 of them in a row: the last additions of 256 err by 2^-24 of their sum each. */
const LONG = 2e-5;

/** Axes and layouts: none, one, two runs with one kept between, three runs, sizes of 1, no elements. */
function layouts(f: unknown, sample: Sample): OpCase[] {
  return [
    op(f, [sample([4, 3])]),
    op(f, [sample([4, 3])], { args: [0] }),
    op(f, [sample([4, 3])], { args: [-1] }),
    op(f, [sample([2, 3, 4])], { args: [1, { keepDims: true }] }),
    op(f, [sample([2, 3, 4, 2])], { args: [[0, 2]] }),
    op(f, [sample([2, 3, 4, 2, 3])], { args: [[1, 3]] }),
    op(f, [sample([2, 3, 2, 2, 3])], { args: [[4, 0, 2], { keepDims: true }] }),
    op(f, [sample([2, 3, 2, 2, 3, 2])], { args: [[0, 2, 4]] }),
    op(f, [sample([2, 3, 4])], { args: [[0, 1], { keepDims: true }] }),
    op(f, [sample([1, 3, 1])], { args: [[0, 2]] }),
    op(f, [sample([2, 3])], { args: [[]] }),
    op(f, [sample([1])]),
    op(f, [sample([])]),
    op(f, [sample([3, 0])], { args: [0] }),
  ];
}

/** More terms than 1,024: a workgroup a piece, more pieces than one, two runs, and outputs side by side in memory. */
function long(f: unknown, sample: Sample) {
  return [
    op(f, [sample([2, 1100])], { args: [1], tolerance: LONG }),
    op(f, [sample([1100, 3])], { args: [0], tolerance: LONG }),
    op(f, [sample([5, 3, 300])], { args: [[0, 2]], tolerance: LONG }),
    op(f, [sample([2, 8200])], { args: [1], tolerance: LONG }),
    op(f, [sample([33, 2, 260])], { args: [[0, 2]], tolerance: LONG }),
    op(f, [sample([1100, 33])], { args: [0], tolerance: LONG }),
  ];
}

const shape = (given: Shape) => given;
const nothing = { shape: [0, 3], values: [] };

export const reduceFamily: OpFamily = {
  exports: lib,
  cases: [
    ...[lib.sum, lib.mean, lib.sumSquare, lib.l1Norm, lib.l2Norm].flatMap((f) => layouts(f, shape)),
    ...[lib.logSum, lib.logSumExp, lib.prod].flatMap((f) => layouts(f, positive)),
    ...[lib.max, lib.min].flatMap((f) => layouts(f, distinct)),
    ...long(lib.sum, shape),
    ...long(lib.max, distinct),
    op(lib.min, [distinct([3, 2, 2800])], { args: [[0, 2]] }),
    // Of every rule the first and the second dispatch, and `c` of several outputs.
    ...[lib.mean, lib.sumSquare, lib.l1Norm, lib.l2Norm, lib.logSum, lib.logSumExp].map((f) =>
      op(f, [positive([3, 2, 2800])], { args: [[0, 2]], tolerance: LONG }),
    ),
    ...[lib.sum, lib.prod, lib.sumSquare, lib.l1Norm].map((f) => op(f, [nothing], { args: [0] })),
    // Zeros among the factors: none, one, two in a row of three; and a row longer than 1,024 of numbers near 1.
    op(lib.prod, [{ shape: [4, 3], values: [2, 3, 0.5, 2, 0, 3, 0, 3, 0, 0, 0, 0] }], { args: [1] }),
    op(lib.prod, [{ shape: [2, 2, 2], values: [0, 1.5, 2, -1, 0.5, 0, 3, 0] }], { args: [[0, 2]] }),
    op(
      lib.prod,
      [{ shape: [1100], values: Array.from({ length: 1100 }, (_, i) => 1 + ((i % 7) - 3) / 64) }],
      {
        tolerance: 1e-4, // 1,100 factors, each rounded: 66 units of 2^-20
      },
    ),
    op(lib.sumTo, [[2, 3, 4]], { args: [[3, 1]] }),
    op(lib.sumTo, [[2, 3]], { args: [[]] }),
  ],
};
