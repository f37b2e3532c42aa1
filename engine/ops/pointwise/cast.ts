/** From one dtype to the other. */
import { toFloats, toIntegers } from '../../../kernels/pointwise/cast.ts';
import type { DType } from '../../backend.ts';
import { inWords } from '../../borders.ts';
import { dispatch, workgroupsFor } from '../../dispatch.ts';
import { noGrad, record } from '../../tape.ts';
import { checkTensor, type Tensor } from '../../tensor.ts';

/**
 * `x` as another dtype; x itself if it has it already. To u32 a number is cut towards 0; below 0 it becomes 0, from 2^32 on
 * 4294967295, and NaN becomes 0, on every adapter. To f32 an integer is rounded to the nearest float, halves to the even one:
 * up to 2^24 it is exact. No gradient flows.
 */
export function cast(x: Tensor, dtype: DType): Tensor {
  checkTensor('cast', 'x', x);
  if (dtype !== 'f32' && dtype !== 'u32')
    throw new Error(`cast: dtype is ${inWords(dtype)}; wants 'f32' or 'u32'`);
  if (dtype === x.dtype) return x;
  const kernel = dtype === 'u32' ? toIntegers : toFloats;
  const { y } = dispatch(kernel, {
    inputs: { x },
    uniforms: { size: x.size },
    outputs: { y: x.shape },
    workgroups: workgroupsFor(kernel, x.size),
  });
  return noGrad(() => record('cast', y, [x], () => []));
}
