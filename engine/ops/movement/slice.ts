/** Parts of an axis, from either end and in steps, and padding with one number: the adjoint of each is made of the other. */
import { checkOptions } from '../../borders.ts';
import { resolveAxes, ShapeError, show, sizeOf } from '../../shape.ts';
import { record } from '../../tape.ts';
import { checkTensor, type Tensor, zeros } from '../../tensor.ts';
import { full } from '../fill.ts';
import { reshape } from './movement.ts';
import { copyTo } from './copy-to.ts';
import { copy, stridesOf } from './strided.ts';

export interface SliceOptions {
  /** Every so many elements; backwards if negative. */
  step?: number | undefined;
}

/**
 * The part of `x` from `begin` (inclusive) to `end` (exclusive) along one axis, as Python slices: a bound below 0 counts from the
 * end of the axis, a negative step goes backwards, and a bound left out (undefined) is an end of the axis: with step -1 all of it
 * is reversed. Other than in Python a bound beyond the axis is an error, not clamped.
 *
 * @throws ShapeError on a bound beyond the axis, on an end before the begin in the direction of the step, and on a step that is
 * not an integer other than 0.
 */
export function slice(
  x: Tensor,
  axis: number,
  begin?: number,
  end?: number,
  options: SliceOptions = {},
): Tensor {
  checkTensor('slice', 'x', x);
  checkOptions('slice', options, 'step');
  const { step = 1 } = options;
  const [along] = resolveAxes('slice', axis, x.shape.length) as [number];
  if (!Number.isInteger(step) || step === 0)
    throw new ShapeError(`slice: step ${step}; wants an integer other than 0`);
  const length = x.shape[along]!;
  // From the last element to before the first where it goes backwards.
  const [first, beyond] = step > 0 ? [0, length] : [length - 1, -1];
  const placeOf = (bound: number) => (bound < 0 ? bound + length : bound);
  const from = begin === undefined ? first : placeOf(begin);
  const to = end === undefined ? beyond : placeOf(end);
  const count = Math.max(0, Math.ceil((to - from) / step));
  const isPart = Number.isInteger(from) && Number.isInteger(to) && (to - from) * step >= 0;
  const [low, high] = step > 0 ? [from, to] : [to + 1, from + 1];
  if (!isPart || low < 0 || high > length)
    throw new ShapeError(
      `slice: ${begin ?? 'start'} to ${end ?? 'end'} along axis ${along} of ${show(x.shape)}`,
    );
  const strides = stridesOf(x.shape);
  const stride = strides[along]!;
  const y = copy(x, x.shape.with(along, count), strides.with(along, stride * step), from * stride);
  return record('slice', y, [x], (g) => {
    if (step > 0) return [place(g, along, { begin: from, step, length })];
    const last = count === 0 ? 0 : from + (count - 1) * step;
    return [
      place(slice(g, along, undefined, undefined, { step: -1 }), along, { begin: last, step: -step, length }),
    ];
  });
}

/** The adjoint of `slice`: zeros of `length` along an axis, with `x` at every `step` elements from `begin` on. */
function place(
  x: Tensor,
  axis: number,
  { begin, step, length }: { begin: number; step: number; length: number },
): Tensor {
  const room = length - begin;
  let y = x;
  if (step > 1) {
    // (…, n, …) to (…, n, 1, …), zeros to (…, n, step, …), and that is (…, n · step, …).
    const spread = padConstant(reshape(x, x.shape.toSpliced(axis + 1, 0, 1)), axis + 1, [0, step - 1]);
    y = reshape(spread, x.shape.with(axis, x.shape[axis]! * step));
    if (y.shape[axis]! > room) y = slice(y, axis, 0, room);
  }
  return padConstant(y, axis, [begin, room - y.shape[axis]!]);
}

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
