/**
 * Pooling over the windows of images (n, c, h, w), or of (…, n, c, h, w) where models run side by side: largest element, average,
 * and root of the sum of squares.
 */
import { maxPoolKernel, putApart, putPositions, takePositions } from '../../../kernels/image/pool.ts';
import { checkOptions } from '../../borders.ts';
import { dispatch, workgroupsFor } from '../../dispatch.ts';
import { type Shape, ShapeError, show, sizeOf } from '../../shape.ts';
import { record } from '../../tape.ts';
import { checkFloats, type Tensor, zeros } from '../../tensor.ts';
import { applyAlong, axisMatrix } from './axis-map.ts';
import { extentOf } from '../conv2d/conv2d-geometry.ts';
import { equal, sqrt, square, where } from '../pointwise/elementwise.ts';
import { reshape } from '../movement/movement.ts';
import { type AxisWindow, placesOf, type PoolOptions, type PoolWindow, poolWindow } from './pool-window.ts';
import { l2Norm, mean } from '../reduce/reduce.ts';
import { sum } from '../reduce/sum.ts';

export type { PoolOptions } from './pool-window.ts';

/**
 * The largest element of each window, as PyTorch's `max_pool2d`: (n, c, h, w) to (n, c, …windows). Padding never wins.
 * Of equal largest elements the first in row-major order gets the gradient; of a window with NaN the first NaN.
 *
 * @throws ShapeError as `averagePool2d`.
 */
export function maxPool2d(x: Tensor, options: PoolOptions): Tensor {
  const window = poolWindow('maxPool2d', x, options);
  const shape = [...x.shape.slice(0, -2), window.y.windows, window.x.windows];
  const count = sizeOf(shape);
  const kernel = maxPoolKernel(window.y.size, window.x.size, {
    isInside: isInside(window.y) && isInside(window.x),
  });
  const { y, positions } = dispatch(kernel, {
    inputs: { x },
    uniforms: { count, ...uniformsOf(window) },
    outputs: { y: shape, positions: shape },
    workgroups: workgroupsFor(kernel, count),
  });
  return record('maxPool2d', y, [x], (g) => [put(g, positions, window)]);
}

/** y[plane, positions[plane, i]] += x[plane, i]: from windows to planes. */
function put(x: Tensor, positions: Tensor, window: PoolWindow): Tensor {
  const shape = [...x.shape.slice(0, -2), window.y.length, window.x.length];
  const y =
    isApart(window.y) && isApart(window.x)
      ? putAlone(x, positions, shape)
      : putAny(x, positions, shape, window);
  return record('maxPool2d gradient', y, [x], (g) => [take(g, positions, window)]);
}

function putAlone(x: Tensor, positions: Tensor, shape: Shape): Tensor {
  return dispatch(putApart, {
    inputs: { x, positions },
    uniforms: { size: x.size, extent: sizeOf(shape.slice(-2)), count: sizeOf(x.shape.slice(-2)) },
    outputs: { y: zeros(shape, x.backend, { label: 'put-apart' }) },
    workgroups: workgroupsFor(putApart, x.size),
  }).y;
}

function putAny(x: Tensor, positions: Tensor, shape: Shape, window: PoolWindow): Tensor {
  const count = sizeOf(shape);
  return dispatch(putPositions, {
    inputs: { x, positions },
    uniforms: { count, ...uniformsOf(window) },
    outputs: { y: shape },
    workgroups: workgroupsFor(putPositions, count),
  }).y;
}

/** y[plane, i] = x[plane, positions[plane, i]]: from planes to windows. */
function take(x: Tensor, positions: Tensor, window: PoolWindow): Tensor {
  const { y } = dispatch(takePositions, {
    inputs: { x, positions },
    uniforms: {
      size: positions.size,
      extent: window.y.length * window.x.length,
      count: window.y.windows * window.x.windows,
    },
    outputs: { y: positions.shape },
    workgroups: workgroupsFor(takePositions, positions.size),
  });
  return record('maxPool2d tangent', y, [x], (g) => [put(g, positions, window)]);
}

/** Whether the windows are the axis cut into pieces. */
const isTiled = (axis: AxisWindow) =>
  axis.before === 0 &&
  axis.dilation === 1 &&
  axis.stride === axis.size &&
  axis.windows * axis.size === axis.length;

const isApart = ({ stride, size, dilation }: AxisWindow) => stride >= extentOf(size, dilation);
const isInside = (axis: AxisWindow) =>
  axis.before === 0 && (axis.windows - 1) * axis.stride + extentOf(axis.size, axis.dilation) <= axis.length;

function uniformsOf({ y, x }: PoolWindow) {
  return {
    height: y.length,
    width: x.length,
    rows: y.windows,
    columns: x.windows,
    sizeY: y.size,
    sizeX: x.size,
    strideY: y.stride,
    strideX: x.stride,
    beforeY: y.before,
    beforeX: x.before,
    dilationY: y.dilation,
    dilationX: x.dilation,
  };
}

export interface AveragePoolOptions extends PoolOptions {
  /** Whether zeros of the padding count in the average; what `ceilMode` adds beyond it never does. */
  countIncludePad?: boolean | undefined;
}

/**
 * The average of each window, as PyTorch's `avg_pool2d`: (n, c, h, w) to (n, c, …windows).
 *
 * @throws ShapeError on another rank, on sizes, strides, paddings or dilations that are not integers in range, on a
 * window larger than the padded image, and on one that lies in the padding alone.
 */
export function averagePool2d(x: Tensor, given: AveragePoolOptions): Tensor {
  checkOptions('averagePool2d', given, 'size stride padding dilation ceilMode countIncludePad', true);
  const { countIncludePad = true, ...options } = given;
  const window = poolWindow('averagePool2d', x, options);
  return overWindows('averagePool2d', x, window, countIncludePad ? 'average' : 'average inside');
}

/**
 * The root of the sum of squares of each window, as WebNN's `l2Pool2d`: (n, c, h, w) to (n, c, …windows). The gradient
 * of a window of zeros is 0.
 *
 * @throws ShapeError as `averagePool2d`.
 */
export function l2Pool2d(x: Tensor, options: PoolOptions): Tensor {
  const window = poolWindow('l2Pool2d', x, options);
  return rootOf(overWindows('l2Pool2d', square(x), window, 'sum'));
}

/** The largest element of each channel: (n, c, h, w) to (n, c, 1, 1). Throws as `maxPool2d`. */
export function globalMaxPool2d(x: Tensor): Tensor {
  return maxPool2d(x, { size: imageSize('globalMaxPool2d', x) });
}

/** The average of each channel: (n, c, h, w) to (n, c, 1, 1). Throws ShapeError on another rank or no pixels. */
export function globalAveragePool2d(x: Tensor): Tensor {
  imageSize('globalAveragePool2d', x);
  return mean(x, [-2, -1], { keepDims: true });
}

/** The root of the sum of squares of each channel: (n, c, h, w) to (n, c, 1, 1). Throws as `globalAveragePool2d`. */
export function globalL2Pool2d(x: Tensor): Tensor {
  imageSize('globalL2Pool2d', x);
  return l2Norm(x, [-2, -1], { keepDims: true });
}

function imageSize(op: string, x: Tensor): [number, number] {
  checkFloats(op, { x });
  const { shape } = x;
  if (shape.length < 4) throw new ShapeError(`${op}: x ${show(shape)}; wants (n, c, h, w)`);
  if (sizeOf(shape.slice(-2)) === 0) throw new ShapeError(`${op}: x ${show(shape)} has no pixels`);
  return [shape.at(-2)!, shape.at(-1)!];
}

/** √x whose derivative at 0 is 0 instead of infinity, which a square's derivative of 0 would make NaN. */
function rootOf(x: Tensor): Tensor {
  const isZero = equal(x, 0);
  return where(isZero, 0, sqrt(where(isZero, 1, x)));
}

/** Windows are products of intervals, so a sum over them is one along each axis; so is the number of their places. */
function overWindows(
  op: string,
  x: Tensor,
  window: PoolWindow,
  weighting: 'sum' | 'average' | 'average inside',
): Tensor {
  if (isTiled(window.y) && isTiled(window.x)) {
    // Tiles are axes of the image in another shape, and a reduction is the faster kernel.
    const { y, x: across } = window;
    const tiles = reshape(x, [...x.shape.slice(0, -2), y.windows, y.size, across.windows, across.size]);
    return weighting === 'sum' ? sum(tiles, [-3, -1]) : mean(tiles, [-3, -1]);
  }
  const along = (y: Tensor, axis: number, { length, windows, ...rest }: AxisWindow) => {
    const key = `${weighting} ${Object.values(rest).join(' ')}`;
    const matrix = axisMatrix(key, length, windows, (i) => {
      const { inside, padded } = placesOf(i, { length, windows, ...rest });
      const count = { sum: 1, average: padded, 'average inside': inside.length }[weighting];
      return inside.map((place) => [place, 1 / count]);
    });
    return applyAlong(op, y, axis, matrix);
  };
  const rank = x.shape.length;
  return along(along(x, rank - 1, window.x), rank - 2, window.y);
}
