/** Cumulative sums along an axis; the adjoint is the same from the other end. */
import { pieceSums, sumsBefore, sumsWithin } from '../../../kernels/order/cumsum.ts';
import { getOrMake } from '../../../kernels/get-or-make.ts';
import type { Kernel } from '../../../kernels/kernel.ts';
import { checkOptions } from '../../borders.ts';
import { dispatch, workgroupsFor } from '../../dispatch.ts';
import { resolveAxes, sizeOf } from '../../shape.ts';
import { record } from '../../tape.ts';
import { checkDtype, type Tensor, tidy } from '../../tensor.ts';

export interface CumsumOptions {
  /** Without the element itself: the first sum is 0. */
  exclusive?: boolean | undefined;
  /** From the end of the axis on. */
  reverse?: boolean | undefined;
}

const kernels = new Map<string, Kernel>();

/** Up to this many terms one invocation adds; of more, pieces of about as many terms as there are pieces. */
const LONG = 1024;

/**
 * y[j] = x[0] + … + x[j] along `axis`, of the shape of x. What additions lose is kept, so a sum of any length errs by no
 * more than 1.2e-7 of the sum of the |x|. An infinity or NaN stays in all sums after it.
 *
 * @throws ShapeError on an axis out of range.
 */
export function cumsum(x: Tensor, axis = -1, options: CumsumOptions = {}): Tensor {
  checkOptions('cumsum', options, 'exclusive reverse');
  const { exclusive = false, reverse = false } = options;
  checkDtype('cumsum', 'x', x, 'f32');
  const [along] = resolveAxes('cumsum', axis, x.shape.length) as [number];
  const y = tidy(() => run(x, along, exclusive, reverse));
  return record('cumsum', y, [x], (g) => [cumsum(g, along, { exclusive, reverse: !reverse })]);
}

function run(x: Tensor, axis: number, isExclusive: boolean, isReverse: boolean): Tensor {
  const length = x.shape[axis]!;
  const inner = sizeOf(x.shape.slice(axis + 1));
  const outer = sizeOf(x.shape.slice(0, axis));
  const pieceSize = length > LONG ? Math.ceil(Math.sqrt(length)) : Math.max(1, length);
  const pieces = Math.ceil(length / pieceSize);
  const size = outer * pieces * inner;
  const isWhole = pieces <= 1;
  const uniforms = { size, length, inner, pieces, pieceSize };
  const kernel = getOrMake(kernels, [isReverse, isExclusive, isWhole].join(), () =>
    sumsWithin({ isReverse, isExclusive, isWhole }),
  );
  const last = (starts: Record<string, Tensor>) =>
    dispatch(kernel, {
      inputs: { x, ...starts },
      uniforms,
      outputs: { y: x.shape },
      workgroups: workgroupsFor(kernel, size),
    }).y!;
  if (isWhole) return last({});
  const sums = getOrMake(kernels, `pieces ${isReverse}`, () => pieceSums(isReverse));
  // The cast: that kernel's outputs are these.
  const ofPieces = dispatch(sums, {
    inputs: { x },
    uniforms,
    outputs: { values: [size], errors: [size] },
    workgroups: workgroupsFor(sums, size),
  }) as Record<'values' | 'errors', Tensor>;
  const starts = dispatch(sumsBefore, {
    inputs: ofPieces,
    uniforms: { size: outer * inner, inner, pieces },
    outputs: { startValues: [size], startErrors: [size] },
    workgroups: workgroupsFor(sumsBefore, outer * inner),
  });
  return last(starts);
}
