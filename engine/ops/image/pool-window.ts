/** The windows of pooling: options checked, and where each window lies. */
import { checkList, checkOptions } from '../../borders.ts';
import { ShapeError, show } from '../../shape.ts';
import { checkFloats, type Tensor } from '../../tensor.ts';
import { extentOf } from '../conv2d/conv2d-geometry.ts';

export interface PoolOptions {
  /** Height and width of the window. */
  size: number | readonly [height: number, width: number];
  /** From one window to the next; `size` unless given. */
  stride?: number | readonly [vertical: number, horizontal: number] | undefined;
  /** Around the image: one number, [vertical, horizontal], or [top, bottom, left, right]. */
  padding?: number | readonly number[] | undefined;
  /** Between the elements of a window. */
  dilation?: number | readonly [vertical: number, horizontal: number] | undefined;
  /** Whether a last window may reach beyond the padding; it still begins in the image or the padding before it. */
  ceilMode?: boolean | undefined;
}

/** One axis: window i holds the places i · stride - before + k · dilation, k < size, within `length`. */
export interface AxisWindow {
  readonly length: number;
  readonly windows: number;
  readonly size: number;
  readonly stride: number;
  readonly before: number;
  readonly after: number;
  readonly dilation: number;
}

/** Down and across. */
export interface PoolWindow {
  readonly y: AxisWindow;
  readonly x: AxisWindow;
}

/** The options of pooling, resolved for images `x` (…, n, c, h, w). Throws in the name of `op`. */
export function poolWindow(op: string, x: Tensor, options: PoolOptions): PoolWindow {
  checkFloats(op, { x });
  checkOptions(op, options, 'size stride padding dilation ceilMode', true);
  const { shape } = x;
  if (shape.length < 4) throw new ShapeError(`${op}: x ${show(shape)}; wants (n, c, h, w)`);
  const size = pairOf(op, 'size', options.size, 1);
  const stride = pairOf(op, 'stride', options.stride ?? size, 1);
  const dilation = pairOf(op, 'dilation', options.dilation ?? 1, 1);
  const [top, bottom, left, right] = paddingOf(op, options.padding ?? 0);
  const along = (axis: 0 | 1, before: number, after: number): AxisWindow => {
    const place = shape.length - 2 + axis;
    const length = shape[place]!;
    const reach = extentOf(size[axis], dilation[axis]);
    const room = before + length + after - reach;
    if (room < 0) {
      throw new ShapeError(
        `${op}: a window of ${reach} along axis ${place} of ${show(shape)}, which is ${before + length + after} with its padding`,
      );
    }
    let windows = (options.ceilMode ? Math.ceil(room / stride[axis]) : Math.floor(room / stride[axis])) + 1;
    if (options.ceilMode && (windows - 1) * stride[axis] >= before + length) windows--;
    const window = {
      length,
      windows,
      size: size[axis],
      stride: stride[axis],
      before,
      after,
      dilation: dilation[axis],
    };
    // Without padding every window begins on the axis.
    const numbers = before + after > 0 ? [...Array(windows).keys()] : [];
    const empty = numbers.find((i) => placesOf(i, window).inside.length === 0);
    if (empty !== undefined) {
      throw new ShapeError(
        `${op}: window ${empty} along axis ${place} of ${show(shape)} lies in the padding [${before}, ${after}] alone; pad less`,
      );
    }
    return window;
  };
  return { y: along(0, top, bottom), x: along(1, left, right) };
}

/** The places of window `i` inside the axis, and how many it has inside the axis or its padding. */
export function placesOf(
  i: number,
  { length, size, stride, before, after, dilation }: AxisWindow,
): { inside: number[]; padded: number } {
  const places = Array.from({ length: size }, (_, k) => i * stride - before + k * dilation);
  return {
    inside: places.filter((place) => place >= 0 && place < length),
    padded: places.filter((place) => place < length + after).length,
  };
}

function pairOf(
  op: string,
  name: string,
  given: number | readonly number[],
  least: number,
): [number, number] {
  if (typeof given !== 'number') checkList(op, name, given);
  const pair = typeof given === 'number' ? [given, given] : [...given];
  if (pair.length !== 2 || pair.some((value) => !Number.isInteger(value) || value < least)) {
    throw new ShapeError(
      `${op}: ${name} ${show(pair)}; wants one integer of at least ${least}, or [vertical, horizontal]`,
    );
  }
  return pair as [number, number];
}

function paddingOf(op: string, given: number | readonly number[]): [number, number, number, number] {
  if (typeof given !== 'number') checkList(op, 'padding', given);
  const list = typeof given === 'number' ? [given, given] : given;
  const [v, h] = list;
  const all = list.length === 2 ? [v!, v!, h!, h!] : list;
  if (all.length !== 4 || all.some((value) => !Number.isInteger(value) || value < 0)) {
    throw new ShapeError(
      `${op}: padding ${show(list)}; wants one integer of at least 0, [vertical, horizontal] or [top, bottom, left, right]`,
    );
  }
  return all as [number, number, number, number];
}
