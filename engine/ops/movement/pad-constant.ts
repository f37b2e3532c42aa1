/** Padding of one axis with one number, the adjoint of a slice; alone, because pages that slice need no other mode. */
import { sizeOf } from '../../shape.ts';
import { record } from '../../tape.ts';
import { type Tensor, zeros } from '../../tensor.ts';
import { full } from '../fill.ts';
import { copyTo, slice } from './movement.ts';

/** `x` with so many times `value` before and after it along `axis`. */
export function padConstant(
  x: Tensor,
  axis: number,
  [before, after]: readonly [number, number],
  value = 0,
): Tensor {
  if (before + after === 0) return x;
  const length = x.shape[axis]!;
  const shape = x.shape.with(axis, before + length + after);
  const { dtype, backend } = x;
  const y =
    value === 0 ? zeros(shape, backend, { dtype, label: 'pad' }) : full(shape, value, backend, { dtype });
  const inner = sizeOf(shape.slice(axis + 1));
  const rows = sizeOf(shape.slice(0, axis));
  copyTo([x], y, { rows, pitch: shape[axis]! * inner, widths: [length * inner], starts: [before * inner] });
  return record('pad', y, [x], (g) => [slice(g, axis, before, before + length)]);
}
