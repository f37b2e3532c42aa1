/** Images made larger by a factor: PyTorch's `Upsample`, by `resize2d`. */
import { checkOptions, inWords } from '../../borders.ts';
import { ShapeError, show } from '../../shape.ts';
import { checkFloats, type Tensor } from '../../tensor.ts';
import { type ResizeOptions, resize2d } from './resize.ts';

export interface UpsampleOptions extends Omit<ResizeOptions, 'size'> {
  /** How many times as high and wide: a number or [vertical, horizontal], that give whole numbers of pixels. */
  scale: number | readonly [vertical: number, horizontal: number];
}

/**
 * `x` (…, n, c, h, w) as (…, n, c, scale · h, scale · w): 'nearest' unless `mode` says 'bilinear', as PyTorch's `Upsample` has it. Of
 * another size in pixels, `resize2d`.
 *
 * @throws ShapeError on another rank, a scale that is not above 0 or gives no whole number of pixels, and as `resize2d`.
 */
export function upsample2d(x: Tensor, options: UpsampleOptions): Tensor {
  checkFloats('upsample2d', { x });
  checkOptions('upsample2d', options, 'scale mode alignCorners', true);
  const { scale, mode = 'nearest', ...rest } = options;
  if (x.shape.length < 4) throw new ShapeError(`upsample2d: x ${show(x.shape)}; wants (n, c, h, w)`);
  const scales = typeof scale === 'number' ? [scale, scale] : scale;
  if (!Array.isArray(scales))
    throw new ShapeError(`upsample2d: scale must be a number or two, got ${inWords(scale)}`);
  const [height, width] = [0, 1].map((axis) => x.shape.at(axis - 2)! * scales[axis]!) as [number, number];
  const isWhole = scales.length === 2 && [height, width].every((size) => Number.isInteger(size) && size >= 1);
  if (!isWhole)
    throw new ShapeError(
      `upsample2d: scale ${show(scales)} makes x ${show(x.shape)} ${height} by ${width} pixels; wants whole numbers, or resize2d with a size`,
    );
  return resize2d(x, { ...rest, mode, size: [height, width] });
}
