/** Where the largest and smallest elements are. The results are u32, so no gradient flows. */
import { argExtreme } from '../../../kernels/order/arg-extreme.ts';
import { getOrMake } from '../../../kernels/get-or-make.ts';
import type { Kernel } from '../../../kernels/kernel.ts';
import { checkOptions } from '../../borders.ts';
import { dispatch, workgroupsFor } from '../../dispatch.ts';
import { resolveAxes, ShapeError, show, sizeOf } from '../../shape.ts';
import { noGrad, record } from '../../tape.ts';
import { checkTensor, type Tensor, tidy, view } from '../../tensor.ts';
import type { ReduceOptions } from '../reduce/reduction.ts';

const kernels = new Map<string, Kernel>();

/** Up to this many places one invocation looks at, and beyond it so many each. */
const LONG = 1024;
const PIECE = 256;

/**
 * Where the largest element is along `axis`, as u32: the first of equal ones, and the first NaN if there is one, as in NumPy and
 * PyTorch. Without an axis, its place among all elements in row-major order. x is f32 or u32; -0 and 0 are equal.
 *
 * @throws ShapeError on an axis out of range, and if there are no elements.
 */
export function argmax(x: Tensor, axis?: number, options: ReduceOptions = {}): Tensor {
  return placesOf('argmax', x, axis, options);
}

/**
 * Where the smallest element is along `axis`, as `argmax` has it: the first of equal ones, the first NaN.
 *
 * @throws ShapeError on an axis out of range, and if there are no elements.
 */
export function argmin(x: Tensor, axis?: number, options: ReduceOptions = {}): Tensor {
  return placesOf('argmin', x, axis, options);
}

function placesOf(
  op: 'argmax' | 'argmin',
  x: Tensor,
  axis: number | undefined,
  options: ReduceOptions,
): Tensor {
  checkTensor(op, 'x', x);
  checkOptions(op, options, 'keepDims');
  const { keepDims = false } = options;
  x.checkAlive(op);
  const axes = resolveAxes(op, axis, x.shape.length);
  const [along] = axis === undefined ? [0] : (axes as [number]);
  const [outer, length, inner] =
    axis === undefined
      ? [1, x.size, 1]
      : [sizeOf(x.shape.slice(0, along)), x.shape[along]!, sizeOf(x.shape.slice(along + 1))];
  if (length === 0) {
    const where = axis === undefined ? '' : `along axis ${along} of `;
    throw new ShapeError(`${op}: no elements ${where || 'in '}${show(x.shape)}`);
  }
  const kept = x.shape.map((size, i) => (axes.includes(i) ? 1 : size));
  const shape = keepDims ? kept : x.shape.filter((_, i) => !axes.includes(i));
  const y = tidy(() => {
    let candidates: Tensor | undefined;
    for (let count = length; ; ) {
      const pieceSize = count > LONG ? PIECE : count;
      const pieces = Math.ceil(count / pieceSize);
      const kernel = getOrMake(kernels, [op, x.dtype, !candidates].join(), () =>
        argExtreme({ numbers: x.dtype, isLargest: op === 'argmax', isFirst: !candidates }),
      );
      const size = outer * pieces * inner;
      candidates = dispatch(kernel, {
        inputs: candidates ? { x, candidates } : { x },
        uniforms: { size, length, inner, count, pieces, pieceSize },
        outputs: { y: [size] },
        workgroups: workgroupsFor(kernel, size),
      }).y!;
      if (pieces === 1) return view(candidates, shape);
      count = pieces;
    }
  });
  return noGrad(() => record(op, y, [x], () => []));
}
