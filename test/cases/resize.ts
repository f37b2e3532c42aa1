/** Cases of resampling. */
import { resize2d } from '../../engine/ops/image/resize.ts';
import { upsample2d } from '../../engine/ops/image/upsample.ts';
import { type OpFamily, opsOf } from './case.ts';

const lib = { resize2d, upsample2d };
const op = opsOf(lib);
type Size = readonly [number, number];

/** From one size of image to another: up, down, both at once, odd, and to and from single pixels. */
const sizes: readonly (readonly [Size, Size])[] = [
  [
    [3, 4],
    [6, 8],
  ],
  [
    [6, 9],
    [4, 3],
  ],
  [
    [5, 2],
    [3, 7],
  ],
  [
    [1, 3],
    [4, 1],
  ],
  [
    [2, 3],
    [2, 5],
  ], // one axis only
];

export const resizeFamily: OpFamily = {
  exports: lib,
  cases: [
    ...sizes.flatMap(([from, size]) =>
      [{}, { alignCorners: true }, { mode: 'nearest' }].map((options) =>
        op(lib.resize2d, [[2, 1, ...from]], { args: [{ size, ...options }] }),
      ),
    ),
    op(lib.resize2d, [[0, 2, 3, 3]], { args: [{ size: [2, 2] }] }),
    op(lib.upsample2d, [[2, 1, 3, 4]], { args: [{ scale: [2, 3] }] }),
    op(lib.upsample2d, [[2, 1, 4, 6]], { args: [{ scale: 1.5, mode: 'bilinear' }] }),
  ],
};
