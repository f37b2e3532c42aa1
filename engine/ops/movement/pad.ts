/** Padding in the modes of NumPy. */
import { checkList, checkOptions } from '../../borders.ts';
import { ShapeError, show } from '../../shape.ts';
import { checkFloats, checkTensor, type Tensor } from '../../tensor.ts';
import { applyAlong, axisMatrix } from '../image/axis-map.ts';
import { padConstant } from './slice.ts';

/** Which place of an axis a place outside repeats. */
const repeats = {
  edge: (i: number, length: number) => Math.min(Math.max(i, 0), length - 1),
  /** Mirrored at the first and last element: 3 2 | 1 2 3 | 2 1. */
  reflect: (i: number, length: number) => {
    const place = modulo(i, Math.max(1, 2 * length - 2));
    return Math.min(place, 2 * length - 2 - place);
  },
  /** Mirrored at their outer edges: 2 1 | 1 2 3 | 3 2. */
  symmetric: (i: number, length: number) => {
    const place = modulo(i, 2 * length);
    return Math.min(place, 2 * length - 1 - place);
  },
  wrap: modulo,
};

export type PadMode = 'constant' | keyof typeof repeats;

export interface PadOptions {
  /** What stands outside: `value`, the element at the edge, a mirror image without or with it, or the other end. */
  mode?: PadMode | undefined;
  /** For mode 'constant'. */
  value?: number | undefined;
}

/**
 * `x` with more elements before and after along its axes, as NumPy's `pad`: images may repeat more than once.
 *
 * @param widths [before, after] for each axis, integers of at least 0.
 * @throws ShapeError on another number of widths than axes, a width that is none, or where there is nothing to repeat.
 */
export function pad(
  x: Tensor,
  widths: readonly (readonly [before: number, after: number])[],
  options: PadOptions = {},
): Tensor {
  checkTensor('pad', 'x', x);
  checkOptions('pad', options, 'mode value');
  const { mode = 'constant', value = 0 } = options;
  checkList('pad', 'widths', widths);
  for (const [axis, width] of widths.entries()) checkList('pad', `width ${axis}`, width);
  if (mode !== 'constant') checkFloats('pad', { x });
  if (widths.length !== x.shape.length)
    throw new ShapeError(
      `pad: ${widths.length} widths for x ${show(x.shape)}; wants [before, after] for each of ${x.shape.length} axes`,
    );
  let y = x;
  for (const [axis, width] of widths.entries()) {
    if (width.length !== 2 || width.some((count) => !Number.isInteger(count) || count < 0))
      throw new ShapeError(
        `pad: width ${show(width)} of axis ${axis}; wants [before, after], integers of at least 0`,
      );
    const [before, after] = width;
    if (before + after === 0) continue;
    y = mode === 'constant' ? padConstant(y, axis, width, value) : padRepeated(y, axis, width, mode);
  }
  return y;
}

function padRepeated(
  x: Tensor,
  axis: number,
  [before, after]: readonly [number, number],
  mode: keyof typeof repeats,
): Tensor {
  const length = x.shape[axis]!;
  const placeOf = repeats[mode];
  if (!placeOf) {
    const known = ['constant', ...Object.keys(repeats)].join(', ');
    throw new Error(`pad: no mode '${mode as string}'; there are ${known}`);
  }
  if (length === 0)
    throw new ShapeError(`pad: nothing to repeat along axis ${axis} of ${show(x.shape)} in mode '${mode}'`);
  const matrix = axisMatrix(`${mode} ${before}`, length, before + length + after, (i) => [
    [placeOf(i - before, length), 1],
  ]);
  return applyAlong('pad', x, axis, matrix);
}

function modulo(i: number, period: number): number {
  return ((i % period) + period) % period;
}
