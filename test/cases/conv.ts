/** Cases of the convolutions: every option of each, and every shape of their kernels. */
import { conv1d } from '../../engine/ops/conv2d/conv1d.ts';
import * as conv2d from '../../engine/ops/conv2d/conv2d.ts';
import type { Shape } from '../../engine/shape.ts';
import { type OpFamily, opsOf } from './case.ts';

const lib = { ...conv2d, conv1d };
const op = opsOf(lib);
// Sums of up to 200 products of numbers of size 1 to 2, and a second order made of two of them.
const tolerance = 1e-5;

const conv = (shapes: readonly Shape[], options: conv2d.Conv2dOptions = {}) =>
  shapes.length > 2
    ? op(lib.conv2d, shapes, { args: [options], tolerance })
    : op(lib.conv2d, shapes, { args: [undefined, options], tolerance });

const transposed = (shapes: readonly Shape[], options: conv2d.ConvTranspose2dOptions = {}) =>
  shapes.length > 2
    ? op(lib.convTranspose2d, shapes, { args: [options], tolerance })
    : op(lib.convTranspose2d, shapes, { args: [undefined, options], tolerance });

type WeightOptions = Parameters<typeof lib.conv2dWeightGrad>[3];

const weightGrad = (
  x: Shape,
  g: Shape,
  kernel: number | readonly [number, number],
  options: WeightOptions = {},
) => op(lib.conv2dWeightGrad, [x, g], { args: [kernel, options], tolerance });

/** Image [h, w], 2 images, 3 channels to 4 by a kernel of 3×3. */
const image = (h: number, w: number) => [[2, 3, h, w], [4, 3, 3, 3], [4]];

export const convFamily: OpFamily = {
  exports: lib,
  cases: [
    conv(image(5, 6)),
    conv(image(5, 6).slice(0, 2)),
    conv(image(6, 5), { stride: 2 }),
    conv(image(7, 8), { stride: 3, padding: 1 }),
    conv(image(4, 5), { stride: [1, 2], padding: [2, 1] }),
    conv(image(4, 3), { padding: [1, 0, 2, 1] }),
    conv(image(7, 6), { dilation: 2, padding: 'same' }),
    conv(image(6, 7), { dilation: [1, 3], stride: [2, 1], padding: [0, 1, 3, 0] }),
    conv(image(5, 5), { stride: 2, padding: 'same' }),
    conv(image(3, 3), { padding: 'valid' }), // one output pixel
    conv(image(1, 1), { padding: 1 }),
    conv([[0, 3, 4, 4], [4, 3, 3, 3], [4]]), // no images
    conv([[1, 1, 1, 1], [1, 1, 1, 1], [1]]),
    conv([[2, 5, 3, 4], [9, 5, 1, 1], [9]]), // a pixel at a time
    conv([[2, 3, 5, 4], [4, 3, 1, 1], [4]], { stride: 2 }), // whose gradient has pixels without a tap
    conv([
      [1, 2, 4, 5],
      [3, 2, 2, 4],
    ]), // an even kernel
    conv([[2, 2, 6, 6], [3, 2, 2, 2], [3]], { stride: 2, padding: 'same' }),
    conv(
      [
        [1, 2, 3, 12],
        [2, 2, 2, 9],
      ],
      { padding: [0, 1, 2, 3] },
    ), // a kernel too wide to be written out
    conv(
      [
        [1, 1, 2, 21],
        [2, 1, 1, 8],
      ],
      { stride: [1, 2], dilation: [1, 2] },
    ),
    conv([[1, 2, 4, 17], [8, 2, 3, 3], [8]], { padding: 1 }), // the widest tile
    conv([[1, 1, 9, 11], [6, 1, 5, 5], [6]]), // LeNet's first layer, smaller
    conv([[2, 4, 5, 5], [6, 2, 3, 3], [6]], { groups: 2, padding: 1 }),
    conv([[2, 3, 5, 9], [3, 1, 3, 3], [3]], { groups: 3, padding: 1 }), // depthwise
    conv([[2, 2, 6, 5], [6, 1, 3, 3], [6]], { groups: 2, stride: 2, padding: 1 }), // depthwise, times three
    ...(['relu', 'tanh', 'sigmoid'] as const).flatMap((activation) => [
      conv(image(4, 5), { activation }),
      conv(image(4, 5).slice(0, 2), { activation, padding: 1 }),
    ]),
    // Models side by side: each with images of its own, with the same images, with the same weights.
    conv(
      [
        [2, 2, 2, 4, 5],
        [2, 3, 2, 3, 3],
        [2, 3],
      ],
      { padding: 1, activation: 'tanh' },
    ),
    conv([[2, 2, 4, 4], [3, 4, 2, 2, 2], [4]]),
    conv([[2, 2, 2, 4, 4], [4, 2, 2, 2], [4]]),
    conv([
      [2, 2, 2, 4, 4],
      [4, 2, 2, 2],
      [2, 4],
    ]),

    transposed([[2, 3, 3, 4], [3, 4, 3, 3], [4]]),
    transposed([
      [2, 3, 3, 4],
      [3, 4, 3, 3],
    ]),
    transposed([[2, 3, 3, 2], [3, 4, 3, 3], [4]], { stride: 2, padding: 1, outputPadding: 1 }),
    transposed([[1, 2, 3, 3], [2, 2, 2, 2], [2]], { stride: 3, outputSize: [9, 10] }),
    transposed([[1, 2, 3, 3], [2, 3, 3, 2], [3]], { stride: [2, 1], padding: [1, 0, 0, 1] }),
    transposed([[1, 4, 3, 4], [4, 3, 3, 2], [6]], {
      groups: 2,
      dilation: [2, 3],
      stride: 2,
      padding: [1, 0],
    }),
    transposed([[1, 3, 4, 3], [3, 1, 3, 3], [3]], { groups: 3, stride: 2, activation: 'sigmoid' }),
    transposed([[2, 2, 3, 3], [2, 3, 1, 1], [3]], { stride: 2, activation: 'tanh' }),
    transposed([[0, 2, 3, 3], [2, 3, 2, 2], [3]]),
    transposed([
      [2, 1, 2, 3, 3],
      [2, 2, 3, 2, 2],
      [2, 3],
    ]),

    op(
      conv1d,
      [
        [2, 3, 7],
        [4, 3, 3],
      ],
      { args: [undefined, { padding: 'causal', dilation: 2 }], tolerance },
    ),
    op(conv1d, [[2, 4, 8], [6, 2, 3], [6]], { args: [{ groups: 2, stride: 2, padding: [2, 1] }], tolerance }),
    op(
      conv1d,
      [
        [2, 1, 2, 6],
        [2, 3, 2, 5],
        [2, 3],
      ],
      { args: [{ padding: 'same', activation: 'tanh' }], tolerance },
    ),
    op(
      conv1d,
      [
        [0, 2, 4],
        [3, 2, 2],
      ],
      { args: [undefined, {}] },
    ),

    weightGrad([2, 3, 5, 6], [2, 4, 3, 4], 3),
    weightGrad([2, 2, 7, 6], [2, 3, 3, 3], [3, 2], { stride: 2, padding: [1, 0, 1, 0] }),
    weightGrad([2, 4, 5, 5], [2, 6, 5, 5], 3, { groups: 2, padding: 'same' }),
    weightGrad([2, 3, 5, 9], [2, 3, 5, 9], 3, { groups: 3, padding: 1 }),
    weightGrad([1, 2, 6, 7], [1, 5, 2, 1], 3, { dilation: [2, 3] }),
    weightGrad([0, 2, 4, 4], [0, 3, 2, 2], 3), // zeros
    weightGrad([2, 1, 1, 12], [2, 2, 1, 4], [1, 9]),
    weightGrad([2, 2, 4, 4], [3, 2, 2, 3, 3], 2),
    weightGrad([3, 2, 2, 4, 4], [3, 2, 2, 3, 3], 2),
  ],
};
