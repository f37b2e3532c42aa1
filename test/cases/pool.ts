/** Cases of pooling. */
import * as lib from '../../engine/ops/image/pool.ts';
import { distinct } from '../../engine/check/samples.ts';
import type { Shape } from '../../engine/shape.ts';
import { type OpFamily, opsOf } from './case.ts';

const op = opsOf(lib);

const windows: readonly (readonly [Shape, lib.PoolOptions])[] = [
  [[2, 3, 4, 6], { size: 2 }],
  [[1, 2, 5, 7], { size: 2 }], // odd: the last row and column are in no window
  [[1, 2, 5, 7], { size: 2, ceilMode: true }],
  [[2, 1, 7, 6], { size: 3, stride: 2, padding: 1 }], // windows that overlap
  [[1, 1, 5, 5], { size: [3, 2], stride: [1, 3], padding: [1, 0] }],
  [[1, 1, 5, 5], { size: 3, stride: 2, padding: [1, 0, 0, 1], ceilMode: true }],
  [[1, 1, 7, 8], { size: [2, 3], stride: [2, 1], dilation: [3, 2] }],
  [[1, 1, 6, 7], { size: 3, stride: 3, padding: 2, dilation: 2 }],
  [[1, 1, 5, 5], { size: 1, stride: 2 }], // leaves elements out
  [[1, 1, 1, 1], { size: 1 }],
  [[0, 2, 4, 4], { size: 2 }],
  [[2, 1, 2, 4, 4], { size: 2 }], // models side by side
  [[2, 2, 1, 5, 5], { size: 3, stride: 2, padding: 1 }],
];

export const poolFamily: OpFamily = {
  exports: lib,
  cases: [
    ...windows.flatMap(([shape, options]) => [
      op(lib.maxPool2d, [distinct(shape)], { args: [options] }),
      op(lib.averagePool2d, [shape], { args: [options] }),
      op(lib.averagePool2d, [shape], { args: [{ ...options, countIncludePad: false }] }),
      op(lib.l2Pool2d, [shape], { args: [options] }),
    ]),
    op(lib.globalMaxPool2d, [distinct([2, 3, 3, 5])]),
    op(lib.globalMaxPool2d, [distinct([2, 1, 1, 1])]),
    op(lib.globalMaxPool2d, [distinct([2, 2, 1, 2, 3])]),
    ...[lib.globalAveragePool2d, lib.globalL2Pool2d].flatMap((f) => [
      op(f, [[2, 3, 3, 5]]),
      op(f, [[2, 1, 1, 1]]),
      op(f, [[2, 2, 1, 2, 3]]),
    ]),
  ],
};
