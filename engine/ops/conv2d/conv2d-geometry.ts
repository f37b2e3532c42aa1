/** How a kernel moves over an image: options of the convolutions, resolved and checked. */
import { checkList } from '../../borders.ts';
import { type Shape, ShapeError, show } from '../../shape.ts';

export type Pair = readonly [number, number];
export type Padding = readonly [number, number, number, number];

export interface ConvOptions {
  /** Steps of the kernel: a number or [vertical, horizontal]; 1 if left out. */
  stride?: number | Pair | undefined;
  /** A number, [vertical, horizontal] or [top, bottom, left, right]; 'valid' is 0, as if left out. */
  padding?: number | Pair | Padding | 'valid' | undefined;
  /** Distance of a kernel's taps: a number or [vertical, horizontal]; 1 if left out. */
  dilation?: number | Pair | undefined;
  /** Input and output channels are split into so many groups that do not see each other; 1 if left out. */
  groups?: number | undefined;
}

export interface Geometry {
  readonly stride: Pair;
  /** Top, bottom, left, right. */
  readonly padding: Padding;
  readonly dilation: Pair;
  readonly groups: number;
}

/** Sizes that are checked together: an image (height, width) and a kernel of that size. */
interface Sizes {
  image: Pair;
  kernel: Pair;
}

/** 'same' needs the sizes; all else is resolved from the options alone. */
export function resolveGeometry(
  op: string,
  {
    stride = 1,
    padding = 0,
    dilation = 1,
    groups = 1,
  }: Omit<ConvOptions, 'padding'> & {
    padding?: ConvOptions['padding'] | 'same';
  },
  sizes: Sizes,
): Geometry {
  const strides = pairOf(op, 'stride', stride, 1);
  const dilations = pairOf(op, 'dilation', dilation, 1);
  if (!Number.isInteger(groups) || groups < 1) {
    throw new ShapeError(`${op}: groups ${groups}; wants an integer of at least 1`);
  }
  const geometry = { stride: strides, dilation: dilations, groups };
  return { ...geometry, padding: paddingOf(op, padding, { ...geometry, ...sizes }) };
}

function paddingOf(
  op: string,
  padding: ConvOptions['padding'] | 'same',
  { stride, dilation, image, kernel }: Omit<Geometry, 'padding'> & Sizes,
): Padding {
  if (padding === 'valid' || padding === undefined) return [0, 0, 0, 0];
  if (padding === 'same') {
    const [vertical, horizontal] = [0, 1].map((axis) => {
      const extent = extentOf(kernel[axis]!, dilation[axis]!);
      if (extent % 2 === 0 && stride[axis]! % 2 === 1) {
        throw new ShapeError(
          `${op}: padding 'same' with a kernel of ${show(kernel)} at stride ${show(stride)} has no middle; an even kernel wants an even stride, or padding as [top, bottom, left, right]`,
        );
      }
      const steps = Math.ceil(image[axis]! / stride[axis]!);
      const total = Math.max((steps - 1) * stride[axis]! + extent - image[axis]!, 0);
      return [Math.floor(total / 2), Math.ceil(total / 2)];
    });
    return [vertical![0]!, vertical![1]!, horizontal![0]!, horizontal![1]!];
  }
  if (typeof padding === 'string') {
    throw new ShapeError(`${op}: padding '${String(padding)}'; wants numbers, 'valid' or 'same'`);
  }
  if (typeof padding === 'object' && padding.length === 4) {
    checkIntegers(op, 'padding', padding, 0);
    return padding;
  }
  const [vertical, horizontal] = pairOf(op, 'padding', padding as number | Pair, 0);
  return [vertical, vertical, horizontal, horizontal];
}

/** @throws ShapeError unless it is an integer, or two, of at least `least`. */
export function pairOf(op: string, what: string, value: number | Pair, least: number): Pair {
  const pair = typeof value === 'number' ? ([value, value] as const) : value;
  checkList(op, what, pair);
  if (pair.length !== 2) throw new ShapeError(`${op}: ${what} ${show(pair)}; wants a number or two`);
  checkIntegers(op, what, pair, least);
  return pair;
}

function checkIntegers(op: string, what: string, values: readonly number[], least: number): void {
  if (values.some((value) => !Number.isInteger(value) || value < least)) {
    throw new ShapeError(`${op}: ${what} ${show(values)}; wants integers of at least ${least}`);
  }
}

/** Input pixels that a kernel or a window spans. */
export function extentOf(kernel: number, dilation: number): number {
  return dilation * (kernel - 1) + 1;
}

/** Height and width of a convolution's result: ⌊(input + padding - extent) / stride⌋ + 1. */
export function convolvedSize(image: Pair, kernel: Pair, { stride, padding, dilation }: Geometry): Pair {
  const along = (axis: 0 | 1) => {
    const padded = image[axis] + padding[2 * axis]! + padding[2 * axis + 1]!;
    return Math.floor((padded - extentOf(kernel[axis], dilation[axis])) / stride[axis]) + 1;
  };
  return [along(0), along(1)];
}

/** The smallest image that a convolution brings to `image`: (input - 1) stride - padding + extent. */
export function transposedSize(image: Pair, kernel: Pair, { stride, padding, dilation }: Geometry): Pair {
  const along = (axis: 0 | 1) =>
    (image[axis] - 1) * stride[axis] -
    padding[2 * axis]! -
    padding[2 * axis + 1]! +
    extentOf(kernel[axis], dilation[axis]);
  return [along(0), along(1)];
}

/** @throws ShapeError if there would be no output pixel. */
export function checkOutput(op: string, size: Pair, x: Shape, kernel: Pair, geometry: Geometry): void {
  if (size[0] >= 1 && size[1] >= 1) return;
  const { stride, padding, dilation } = geometry;
  throw new ShapeError(
    `${op}: output of ${show(size)} pixels from x ${show(x)}, kernel ${show(kernel)}, stride ${show(stride)}, padding ${show(padding)}, dilation ${show(dilation)}; wants at least [1, 1]`,
  );
}
