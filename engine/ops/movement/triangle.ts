/** Lower and upper triangles of matrices. */
import { getOrMake } from '../../../kernels/get-or-make.ts';
import { triangle } from '../../../kernels/movement/triangle.ts';
import { dispatch, workgroupsFor } from '../../dispatch.ts';
import { ShapeError, show } from '../../shape.ts';
import { record } from '../../tape.ts';
import { checkTensor, type Tensor } from '../../tensor.ts';

const kernels = new Map<string, ReturnType<typeof triangle>>();

/**
 * `x` (…, rows, columns) with 0 above a diagonal: 0 is the main one, 1 the next above, -1 the next below. x is f32 or u32; what
 * is cut off may be NaN or infinite.
 *
 * @throws ShapeError on fewer than two axes, or a diagonal that is no integer.
 */
export function tril(x: Tensor, diagonal = 0): Tensor {
  return cut('tril', x, diagonal);
}

/**
 * `x` (…, rows, columns) with 0 below a diagonal, which is counted as for `tril`.
 *
 * @throws ShapeError on fewer than two axes, or a diagonal that is no integer.
 */
export function triu(x: Tensor, diagonal = 0): Tensor {
  return cut('triu', x, diagonal);
}

function cut(op: 'tril' | 'triu', x: Tensor, diagonal: number): Tensor {
  checkTensor(op, 'x', x);
  if (x.shape.length < 2) throw new ShapeError(`${op}: x ${show(x.shape)}; wants (…, rows, columns)`);
  if (!Number.isInteger(diagonal)) throw new ShapeError(`${op}: diagonal ${diagonal}; wants an integer`);
  const [rows, columns] = [x.shape.at(-2)!, x.shape.at(-1)!];
  const kernel = getOrMake(kernels, op, () => triangle(op === 'tril'));
  const within = Math.max(-rows, Math.min(diagonal, columns));
  const { y } = dispatch(kernel, {
    inputs: { x },
    uniforms: { size: x.size, rows, columns, diagonal: within >>> 0 },
    outputs: { y: x.shape },
    workgroups: workgroupsFor(kernel, x.size),
  });
  return record(op, y, [x], (g) => [cut(op, g, diagonal)]);
}
