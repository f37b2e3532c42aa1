/** Lines of a tensor sorted by runs and merges, as a few dispatches. Nothing is recorded. */
import { getOrMake } from '../../../kernels/get-or-make.ts';
import type { Kernel } from '../../../kernels/kernel.ts';
import { MERGED, mergeRuns, RUN, sortRuns } from '../../../kernels/order/sort.ts';
import { dispatch, workgroupsFor } from '../../dispatch.ts';
import { sizeOf } from '../../shape.ts';
import type { Tensor } from '../../tensor.ts';

const kernels = new Map<string, Kernel<'x', 'keys' | 'places', 'size' | 'length' | 'inner'>>();

/**
 * The lines of `x` along `axis`, sorted: integers in the order of the numbers (of u32 the numbers themselves, unless
 * descending) and where each stood, both (outer, inner, length).
 */
export function sortedLines(
  x: Tensor,
  axis: number,
  isDescending: boolean,
): Record<'keys' | 'places', Tensor> {
  const length = x.shape[axis]!;
  const inner = sizeOf(x.shape.slice(axis + 1));
  const kernel = getOrMake(kernels, `${x.dtype} ${isDescending}`, () => sortRuns(x.dtype, isDescending));
  let sorted: Record<'keys' | 'places', Tensor> = dispatch(kernel, {
    inputs: { x },
    uniforms: { size: x.size, length, inner },
    outputs: { keys: [x.size], places: [x.size] },
    workgroups: workgroupsFor(kernel, x.size),
  });
  const chunks = Math.ceil(length / MERGED);
  const size = (x.size / Math.max(1, length)) * chunks;
  for (let run = RUN; run < length; run *= 2) {
    const { mergedKeys, mergedPlaces } = dispatch(mergeRuns, {
      inputs: sorted,
      uniforms: { size, length, run, chunks },
      outputs: { mergedKeys: [x.size], mergedPlaces: [x.size] },
      workgroups: workgroupsFor(mergeRuns, size),
    });
    sorted.keys.dispose();
    sorted.places.dispose();
    sorted = { keys: mergedKeys, places: mergedPlaces };
  }
  return sorted;
}
