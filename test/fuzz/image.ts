/** Matrix products, convolutions and pooling. */
import fc from 'fast-check';
import { conv2d, convTranspose2d } from '../../engine/ops/conv2d/conv2d.ts';
import { matmul } from '../../engine/ops/matmul/matmul.ts';
import { averagePool2d, maxPool2d } from '../../engine/ops/image/pool.ts';
import { resize2d } from '../../engine/ops/image/resize.ts';
import { distinct } from '../../engine/check/samples.ts';
import { broadcastable, length, type Trial, trial } from './shapes.ts';

const small = (min: number, max: number) => fc.integer({ min, max });
const pair = (min: number, max: number) => fc.tuple(small(min, max), small(min, max));

export const products: fc.Arbitrary<Trial> = fc
  .tuple(broadcastable(2), length, length, length, fc.boolean(), fc.boolean())
  .map(([[leadA, leadB], m, k, n, transposeA, transposeB]) => {
    const a = [...leadA!.slice(-2), ...(transposeA ? [k, m] : [m, k])];
    const b = [...leadB!.slice(-2), ...(transposeB ? [n, k] : [k, n])];
    const options = { transposeA, transposeB };
    return trial('matmul', (x, y) => matmul(x!, y!, options), [a, b], options, 1e-5); // products of 2 by 2
  });

const convolution = fc.record({
  n: small(0, 2),
  groups: small(1, 3),
  inputs: small(1, 3),
  outputs: small(1, 3),
  size: pair(1, 7),
  kernel: pair(1, 3),
  stride: pair(1, 3),
  padding: fc.tuple(small(0, 2), small(0, 2), small(0, 2), small(0, 2)),
  dilation: pair(1, 2),
  hasBias: fc.boolean(),
});

/** 4 channels of 9 products of 2 by 2, and twice as many in the second gradient. */
const CONVOLUTION_TOLERANCE = 3e-5;

export const convolutions: fc.Arbitrary<Trial> = convolution
  .filter(
    ({ size, kernel, padding: [top, bottom, left, right], dilation }) =>
      size[0] + top + bottom > (kernel[0] - 1) * dilation[0] &&
      size[1] + left + right > (kernel[1] - 1) * dilation[1],
  )
  .map(({ n, groups, inputs, outputs, size, kernel, hasBias, ...rest }) => {
    const options = { groups, ...rest };
    const x = [n, inputs * groups, ...size];
    const weight = [outputs * groups, inputs, ...kernel];
    return trial(
      'conv2d',
      (a, w, bias) => conv2d(a!, w!, bias, options),
      hasBias ? [x, weight, [outputs * groups]] : [x, weight],
      options,
      CONVOLUTION_TOLERANCE,
    );
  });

export const transposedConvolutions: fc.Arbitrary<Trial> = convolution
  .filter(
    ({ size, kernel, stride, padding: [top, bottom, left, right], dilation }) =>
      (size[0] - 1) * stride[0] + (kernel[0] - 1) * dilation[0] + 1 > top + bottom &&
      (size[1] - 1) * stride[1] + (kernel[1] - 1) * dilation[1] + 1 > left + right,
  )
  .map(({ n, groups, inputs, outputs, size, kernel, hasBias, ...rest }) => {
    const options = { groups, ...rest };
    const x = [n, inputs * groups, ...size];
    const weight = [inputs * groups, outputs, ...kernel];
    return trial(
      'convTranspose2d',
      (a, w, bias) => convTranspose2d(a!, w!, bias, options),
      hasBias ? [x, weight, [outputs * groups]] : [x, weight],
      options,
      CONVOLUTION_TOLERANCE,
    );
  });

const window = fc
  .record({ size: pair(1, 3), stride: pair(1, 3), padding: pair(0, 1), ceilMode: fc.boolean() })
  .filter(({ size, padding }) => padding.every((p, i) => 2 * p <= size[i]!));

export const pools: fc.Arbitrary<Trial> = fc.oneof(
  fc
    .tuple(window, pair(1, 7), pair(0, 2))
    .filter(fits)
    .map(([options, size, [n, c]]) =>
      trial('maxPool2d', (x) => maxPool2d(x!, options), [distinct([n, c, ...size])], options),
    ),
  fc
    .tuple(window, pair(1, 7), pair(0, 2), fc.boolean())
    .filter(fits)
    .map(([given, size, [n, c], countIncludePad]) => {
      const options = { ...given, countIncludePad };
      return trial('averagePool2d', (x) => averagePool2d(x!, options), [[n, c, ...size]], options);
    }),
  fc
    .tuple(pair(1, 6), pair(1, 6), fc.constantFrom('bilinear' as const, 'nearest' as const), fc.boolean())
    .map(([from, size, mode, alignCorners]) => {
      const options = { size, mode, alignCorners: alignCorners && mode === 'bilinear' };
      return trial('resize2d', (x) => resize2d(x!, options), [[2, 1, ...from]], options);
    }),
);

function fits([{ size, padding }, extent]: [
  { size: [number, number]; padding: [number, number] },
  [number, number],
  ...unknown[],
]): boolean {
  return extent.every((n, i) => n + 2 * padding[i]! >= size[i]!);
}
