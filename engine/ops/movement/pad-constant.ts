/** Padding of one axis with one number, the adjoint of a slice; alone, because pages that slice need no other mode. */
import { sizeOf } from '../../shape.ts';
import { record } from '../../tape.ts';
import { type Tensor, zeros } from '../../tensor.ts';
import { full } from '../fill.ts';
import { copyInto, slice } from './movement.ts';

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
  const y = value === 0 ? zeros(shape, x.backend, { label: 'pad' }) : full(shape, value, x.backend);
  const inner = sizeOf(shape.slice(axis + 1));
  const rows = sizeOf(shape.slice(0, axis));
  copyInto([x], y, { rows, pitch: shape[axis]! * inner, widths: [length * inner], starts: [before * inner] });
  return record('pad', y, [x], (g) => [slice(g, axis, before, before + length)]);
}
