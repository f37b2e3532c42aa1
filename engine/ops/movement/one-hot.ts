/** Classes as rows that a network can be compared with. */
import { oneHotRows } from '../../../kernels/movement/one-hot.ts';
import { dispatch, workgroupsFor } from '../../dispatch.ts';
import { ShapeError } from '../../shape.ts';
import { checkDtype, type Tensor } from '../../tensor.ts';

/**
 * A u32 `index` (…) as f32 (…, classes): 1 at the place that it names and 0 elsewhere; all 0 for an index of `classes` or more.
 *
 * @throws ShapeError unless `classes` is an integer of at least 0.
 */
export function oneHot(index: Tensor, classes: number): Tensor {
  checkDtype('oneHot', 'index', index, 'u32');
  if (!Number.isInteger(classes) || classes < 0)
    throw new ShapeError(`oneHot: ${classes} classes; wants an integer of at least 0`);
  const size = index.size * classes;
  return dispatch(oneHotRows, {
    inputs: { index },
    uniforms: { size, classes },
    outputs: { y: [...index.shape, classes] },
    workgroups: workgroupsFor(oneHotRows, size),
  }).y;
}
