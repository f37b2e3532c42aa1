/** Augmentation: training images that are new in every step, made where the images are. */
import { augmentImages } from '../../kernels/image/augment.ts';
import { placeUniforms, streams } from '../../kernels/random/random.ts';
import { dispatch, folded, workgroupsFor } from '../dispatch.ts';
import { add, mul } from '../ops/pointwise/elementwise.ts';
import { callOf, keysOf, normal } from '../random.ts';
import { checkList, checkOptions } from '../borders.ts';
import { sameShape, ShapeError, show } from '../shape.ts';
import { noGrad, record } from '../tape.ts';
import { checkFloats, type Tensor } from '../tensor.ts';

export interface AugmentOptions {
  /** Images move by up to so many whole pixels either way; one number for both directions. The edge is repeated. */
  shift?: number | readonly [vertical: number, horizontal: number] | undefined;
  /** Adds U[-brightness, brightness) to an image, in units of its pixels. */
  brightness?: number | undefined;
  /** Multiplies an image by 1 + U[-contrast, contrast). */
  contrast?: number | undefined;
  /** Adds normal numbers of this deviation, one for each pixel, in units of the pixels. */
  noise?: number | undefined;
  /** A non-negative integer below 2^53. A list means images (seeds, n, …), each seed's changed as they would be alone. */
  seed?: number | readonly number[] | undefined;
  /** Tells draws of one step apart; counted within the step if left out. */
  call?: number | undefined;
}

/**
 * Images (n, channels, height, width), each shifted, brightened and made noisy at random; the same again in the same step
 * of a resumed run. Image i of a batch gets the same changes whatever else is in it. Leave it out in evaluation.
 *
 * It is for data: a gradient through it is an error, unless `x` is detached.
 *
 * @throws ShapeError on another rank; RangeError on an option outside of its range.
 */
export function augment(x: Tensor, options: AugmentOptions = {}): Tensor {
  checkFloats('augment', { x });
  checkOptions('augment', options, 'shift brightness contrast noise seed call');
  const { brightness = 0, contrast = 0, noise = 0, seed = 0 } = options;
  const [shiftY, shiftX] = shiftOf(options.shift ?? 0);
  checkAmounts({ brightness, contrast, noise });
  if (typeof seed !== 'number') checkList('augment', 'seed', seed);
  const seeds = typeof seed === 'number' ? [seed] : seed;
  const lead = typeof seed === 'number' ? [] : [seeds.length];
  if (x.shape.length !== lead.length + 4 || !sameShape(x.shape.slice(0, -4), lead) || seeds.length === 0)
    throw new ShapeError(
      `augment: x ${show(x.shape)}; wants (${lead.map((count) => `${count}, `).join('')}n, channels, height, width)`,
    );
  const [channels, height, width] = x.shape.slice(-3) as [number, number, number];
  const call = callOf(x.backend, 'augmentation', { seed, call: options.call });
  const stream = streams.augmentation;
  const lines = x.size / Math.max(1, width) / seeds.length;
  const moved = dispatch(augmentImages, {
    inputs: { x, seeds: keysOf(seeds, x.backend) },
    uniforms: {
      ...placeUniforms(lines, { stream, call: 2 * call }),
      ...{ linesEach: channels * height, height, width, shiftX, shiftY, brightness, contrast },
    },
    outputs: { y: x.shape },
    workgroups: [...folded(workgroupsFor(augmentImages, lines)), seeds.length],
  }).y;
  const y = noise === 0 ? moved : withNoise(moved, { noise, seed, call: 2 * call + 1 });
  return record('augment', y, [x], () => {
    throw new Error('augment: it is for data and has no gradient; pass detach(x) to stop there');
  });
}

function withNoise(
  x: Tensor,
  { noise, seed, call }: { noise: number; seed: number | readonly number[]; call: number },
): Tensor {
  return noGrad(() => add(x, mul(normal(x.shape, x.backend, { seed, stream: 'augmentation', call }), noise)));
}

function shiftOf(shift: number | readonly [number, number]): readonly [number, number] {
  const both = typeof shift === 'number' ? ([shift, shift] as const) : shift;
  if (
    both.length !== 2 ||
    both.some((pixels) => !(Number.isInteger(pixels) && pixels >= 0 && pixels < 2 ** 15))
  )
    throw new RangeError(`augment: shift must be one or two integers of at least 0, got ${show(both)}`);
  return both;
}

function checkAmounts(amounts: Record<string, number>): void {
  for (const [name, amount] of Object.entries(amounts))
    if (!(amount >= 0 && amount < Infinity))
      throw new RangeError(`augment: ${name} must be a number of at least 0, got ${amount}`);
}
