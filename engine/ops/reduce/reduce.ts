/** Reductions over axes: a dispatch each where an output has at most 1,024 terms. */
import { record } from '../../tape.ts';
import type { Tensor } from '../../tensor.ts';
import { div, equal, exp, mul, sign, sub, where } from '../pointwise/elementwise.ts';
import { full } from '../fill.ts';
import { concat } from '../movement/concat.ts';
import { reshape, transpose } from '../movement/movement.ts';
import { slice } from '../movement/slice.ts';
import { broadcastTo, sum } from './sum.ts';
import { type Axes, type Reduced, type ReduceOptions, reduceOver } from './reduction.ts';

export type { ReduceOptions };

/** Arithmetic mean over `axes`, all of them if left out. @throws ShapeError if there are no elements. */
export function mean(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const { y, kept, count } = reduceOver('mean', x, axes, options);
  return record('mean', y, [x], (g) => [broadcastTo(mul(reshape(g, kept), 1 / count), x.shape)]);
}

/**
 * Largest element over `axes`, all of them if left out. Equal largest elements share the gradient.
 *
 * @throws ShapeError if there are no elements.
 */
export function max(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const reduced = reduceOver('max', x, axes, options);
  return record('max', reduced.y, [x], (g) => [shared(g, x, reduced)]);
}

/**
 * Smallest element over `axes`, all of them if left out. Equal smallest elements share the gradient.
 *
 * @throws ShapeError if there are no elements.
 */
export function min(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const reduced = reduceOver('min', x, axes, options);
  return record('min', reduced.y, [x], (g) => [shared(g, x, reduced)]);
}

/** The cotangent of each output divided among the elements that equal it. */
function shared(g: Tensor, x: Tensor, { y, axes, kept }: Reduced): Tensor {
  const isChosen = equal(x, reshape(y, kept));
  const share = div(isChosen, sum(isChosen, axes, { keepDims: true }));
  return mul(share, reshape(g, kept));
}

/**
 * Product over `axes`, all of them if left out; 1 where there is nothing to multiply. Its gradient, the product of the
 * other factors, is made without dividing: it is right for any number of zeros, and so are those of higher order.
 */
export function prod(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const { y, axes: along, kept } = reduceOver('prod', x, axes, options);
  return record('prod', y, [x], (g) => {
    if (x.size === 0) return [full(x.shape, 0, x.backend)];
    const order = [...x.shape.keys()].filter((axis) => !along.includes(axis)).concat(along);
    const moved = transpose(x, order);
    const rows = reshape(moved, [y.size, x.size / y.size]);
    const inverse = [...order.keys()].sort((a, b) => order[a]! - order[b]!);
    const others = transpose(reshape(productOfOthers(rows), moved.shape), inverse);
    return [mul(others, reshape(g, kept))];
  });
}

/** For each element of a row, the product of the row's other elements: pairs are multiplied, and asked for their others. */
function productOfOthers(x: Tensor): Tensor {
  const [rows, columns] = [x.shape[0]!, x.shape[1]!];
  if (columns === 1) return full(x.shape, 1, x.backend);
  const half = Math.ceil(columns / 2);
  const left = slice(x, 1, 0, half);
  const rest = slice(x, 1, half, columns);
  const right = columns % 2 === 0 ? rest : concat([rest, full([rows, 1], 1, x.backend)], 1);
  const others = productOfOthers(mul(left, right));
  return slice(concat([mul(others, right), mul(others, left)], 1), 1, 0, columns);
}

/** Σ x² over `axes`, all of them if left out. */
export function sumSquare(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const { y, kept } = reduceOver('sumSquare', x, axes, options);
  return record('sumSquare', y, [x], (g) => [mul(x, mul(reshape(g, kept), 2))]);
}

/** Σ |x| over `axes`, all of them if left out. At 0 the gradient is 0. */
export function l1Norm(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const { y, kept } = reduceOver('l1Norm', x, axes, options);
  return record('l1Norm', y, [x], (g) => [mul(sign(x), reshape(g, kept))]);
}

/** √(Σ x²) over `axes`, all of them if left out. Where the norm is 0, the gradient is 0 instead of undefined. */
export function l2Norm(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const { y, kept } = reduceOver('l2Norm', x, axes, options);
  return record('l2Norm', y, [x], (g) => {
    // dx = g x / y; x is 0 where y is, and may be divided by anything there
    const length = reshape(where(equal(y, 0), 1, y), kept);
    return [mul(x, div(reshape(g, kept), length))];
  });
}

/** log Σ x over `axes`, all of them if left out; minus infinity where there is nothing to add. */
export function logSum(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const { y, axes: along, kept } = reduceOver('logSum', x, axes, options);
  return record('logSum', y, [x], (g) => {
    return [broadcastTo(div(reshape(g, kept), sum(x, along, { keepDims: true })), x.shape)];
  });
}

/**
 * log Σ exp x over `axes`, all of them if left out, without overflow for finite x.
 *
 * @throws ShapeError if there are no elements.
 */
export function logSumExp(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const { y, kept } = reduceOver('logSumExp', x, axes, options);
  // d/dx = exp x / Σ exp x = exp(x - y)
  return record('logSumExp', y, [x], (g) => [mul(exp(sub(x, reshape(y, kept))), reshape(g, kept))]);
}
