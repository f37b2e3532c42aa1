/** Reductions over axes, and the broadcast that is their adjoint. */
import { LONG_REDUCTION, longReduction, type Reduction, shortReduction } from '../../kernels/reduce.ts';
import { dispatch, workgroupsFor } from '../dispatch.ts';
import { resolveAxes, sameShape, type Shape, ShapeError, show, sizeOf } from '../shape.ts';
import { record } from '../tape.ts';
import { type Tensor, view } from '../tensor.ts';
import { div, equal, mul } from './elementwise.ts';
import { broadcastTo, reshape } from './movement.ts';

export interface ReduceOptions {
  /** Keep the reduced axes, with size 1. */
  keepDims?: boolean;
}

const kernels = {
  sum: { short: shortReduction('sum'), long: longReduction('sum') },
  max: { short: shortReduction('max'), long: longReduction('max') },
};

/** Reduces one run of neighbouring axes after another, the last first; the axes stay, with size 1. */
function reduce(reduction: Reduction, x: Tensor, axes: readonly number[]): Tensor {
  const shape = [...x.shape];
  let result = x;
  for (let last = axes.length - 1; last >= 0; ) {
    let first = last;
    while (first > 0 && axes[first - 1] === axes[first]! - 1) first--;
    const [from, to] = [axes[first]!, axes[last]! + 1];
    const outer = sizeOf(shape.slice(0, from));
    const count = sizeOf(shape.slice(from, to));
    const inner = sizeOf(shape.slice(to));
    shape.fill(1, from, to);
    result = reduceMiddle(reduction, result, { outer, count, inner }, [...shape]);
    last = first - 1;
  }
  return result === x ? view(x, shape) : result;
}

function reduceMiddle(
  reduction: Reduction,
  x: Tensor,
  uniforms: { outer: number; count: number; inner: number },
  shape: Shape,
): Tensor {
  const { outer, count, inner } = uniforms;
  if (count === 0 && reduction === 'max')
    throw new ShapeError(`max: no elements along the axis of ${show(x.shape)}`);
  if (count === 1) return view(x, shape);
  const isLong = count > LONG_REDUCTION;
  const kernel = kernels[reduction][isLong ? 'long' : 'short'];
  const workgroups = isLong ? outer * inner : workgroupsFor(kernel, outer * inner);
  return dispatch(kernel, { inputs: { x }, uniforms, outputs: { y: shape }, workgroups }).y;
}

/** The reduction over `axes`, with the axes it resolved and the shape that keeps them; nothing is recorded. */
function reduceOver(
  reduction: Reduction,
  x: Tensor,
  axes: number | readonly number[] | undefined,
  keepDims: boolean,
) {
  const reduced = resolveAxes(reduction, axes, x.shape.length);
  const kept = x.shape.map((length, axis) => (reduced.includes(axis) ? 1 : length));
  const raw = reduce(reduction, x, reduced);
  const y = keepDims
    ? raw
    : view(
        raw,
        x.shape.filter((_, axis) => !reduced.includes(axis)),
      );
  return { y, reduced, kept };
}

/** Sum over `axes`, all of them if left out. */
export function sum(
  x: Tensor,
  axes?: number | readonly number[],
  { keepDims = false }: ReduceOptions = {},
): Tensor {
  const { y, kept } = reduceOver('sum', x, axes, keepDims);
  return record('sum', y, [x], (g) => [broadcastTo(keepDims ? g : reshape(g, kept), x.shape)]);
}

/** Arithmetic mean over `axes`, all of them if left out. */
export function mean(x: Tensor, axes?: number | readonly number[], options: ReduceOptions = {}): Tensor {
  const reduced = resolveAxes('mean', axes, x.shape.length);
  const count = reduced.reduce((product, axis) => product * x.shape[axis]!, 1);
  if (count === 0)
    throw new ShapeError(`mean: no elements along axes ${reduced.join(', ')} of ${show(x.shape)}`);
  return mul(sum(x, reduced, options), 1 / count);
}

/** Largest element over `axes`, all of them if left out. Equal largest elements share the gradient. */
export function max(
  x: Tensor,
  axes?: number | readonly number[],
  { keepDims = false }: ReduceOptions = {},
): Tensor {
  const { y, reduced, kept } = reduceOver('max', x, axes, keepDims);
  return record('max', y, [x], (g) => {
    const isMax = equal(x, reshape(y, kept));
    const share = div(isMax, sum(isMax, reduced, { keepDims: true }));
    return [mul(share, reshape(g, kept))];
  });
}

/** The adjoint of broadcasting: sums `x` over what was stretched to make it from `shape`. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.shape.length - shape.length;
  const axes = x.shape.flatMap((length, axis) => {
    const isStretched = axis < lead || (shape[axis - lead] === 1 && length !== 1);
    return isStretched ? [axis] : [];
  });
  return reshape(sum(x, axes, { keepDims: true }), shape);
}
