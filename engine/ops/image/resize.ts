/** Resampling of images: linear, so every derivative is the transposed matrix again. */
import { checkOptions, inWords } from '../../borders.ts';
import { ShapeError, show } from '../../shape.ts';
import { checkFloats, type Tensor } from '../../tensor.ts';
import { applyAlong, axisMatrix, type Term } from './axis-map.ts';

export interface ResizeOptions {
  /** Height and width of the result, integers of at least 1. */
  size: readonly [height: number, width: number];
  mode?: 'bilinear' | 'nearest' | undefined;
  /** Whether the corners of both images coincide at the pixels' centres, instead of at their outer edges. */
  alignCorners?: boolean | undefined;
}

/**
 * `x` (…, n, c, h, w) at another size (…, n, c, …size), up or down, as `interpolate` of PyTorch without antialiasing.
 * 'nearest' takes pixel ⌊i · old / new⌋.
 *
 * @throws ShapeError on another rank, a size that is not two integers of at least 1, an image without pixels, or
 * `alignCorners` with 'nearest'.
 */
export function resize2d(x: Tensor, options: ResizeOptions): Tensor {
  checkFloats('resize2d', { x });
  checkOptions('resize2d', options, 'size mode alignCorners', true);
  const { size, mode = 'bilinear', alignCorners = false } = options;
  if (!Array.isArray(size))
    throw new ShapeError(`resize2d: size must be [height, width], got ${inWords(size)}`);
  if (mode !== 'bilinear' && mode !== 'nearest')
    throw new Error(`resize2d: mode is ${inWords(mode)}; wants 'bilinear' or 'nearest'`);
  if (x.shape.length < 4) throw new ShapeError(`resize2d: x ${show(x.shape)}; wants (n, c, h, w)`);
  if (size.length !== 2 || size.some((length) => !Number.isInteger(length) || length < 1))
    throw new ShapeError(`resize2d: size ${show(size)}; wants two integers of at least 1`);
  const rank = x.shape.length;
  if (x.shape[rank - 2] === 0 || x.shape[rank - 1] === 0)
    throw new ShapeError(`resize2d: x ${show(x.shape)} has no pixels`);
  if (mode === 'nearest' && alignCorners)
    throw new ShapeError(`resize2d: alignCorners with mode 'nearest'; it has a meaning for 'bilinear' only`);
  let y = x;
  for (const axis of [rank - 1, rank - 2]) {
    const [from, to] = [x.shape[axis]!, size[axis - rank + 2]!];
    if (from === to) continue;
    const termsOf = mode === 'nearest' ? nearest(from, to) : linear(from, to, alignCorners);
    y = applyAlong('resize2d', y, axis, axisMatrix(`${mode} ${alignCorners}`, from, to, termsOf));
  }
  return y;
}

function nearest(from: number, to: number) {
  return (i: number): Term[] => [[Math.floor((i * from) / to), 1]];
}

/** Weights 1 - t and t of the pixels on both sides of the place, which is not before the first pixel's centre. */
function linear(from: number, to: number, alignCorners: boolean) {
  return (i: number): Term[] => {
    const corners = to > 1 ? (i * (from - 1)) / (to - 1) : 0;
    const place = alignCorners ? corners : Math.max(0, ((i + 0.5) * from) / to - 0.5);
    const low = Math.min(Math.floor(place), from - 1);
    const t = place - low;
    return t === 0 || low === from - 1
      ? [[low, 1]]
      : [
          [low, 1 - t],
          [low + 1, t],
        ];
  };
}
