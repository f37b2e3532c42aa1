/** MobileNetV2, small: Sandler et al. 2018, "MobileNetV2: inverted residuals and linear bottlenecks" (arXiv:1801.04381). */
import { checkOptions } from '../engine/borders.ts';
import { checkImageOptions, IMAGE, type ImageOptions, imageTrunk } from './image-trunk.ts';
import { invertedResiduals, type MobileNetStage } from './inverted-residuals.ts';
import { headed, type HeadOptions, type Model, type Trunk } from './model.ts';
import { ParameterBuilder, zero } from './parameters.ts';

export type { MobileNetStage };

export interface MobileNetOptions extends ImageOptions {
  /** Channels of the first convolution, 3×3 with a stride of 2. */
  first?: number | undefined;
  stages?: readonly MobileNetStage[] | undefined;
  /** Channels of the last convolution, 1×1: the features. A `width` below 1 leaves them. */
  last?: number | undefined;
}

/** For eyes of 36×60, which the strides bring to 5×8. */
export const smallStages: readonly MobileNetStage[] = [
  { expansion: 1, channels: 16, blocks: 1, stride: 1 },
  { expansion: 6, channels: 24, blocks: 2, stride: 2 },
  { expansion: 6, channels: 32, blocks: 2, stride: 2 },
];

/**
 * Inverted residuals: a 1×1 convolution widens, a 3×3 one works on each channel alone, a 1×1 one narrows, with batch
 * normalisation after each and ReLU6 after the first two; what comes in is added where shapes allow. The default is the
 * paper's first three stages with fewer blocks, and fewer channels at both ends. The paper's dropout before the last layer is left out. Numbers
 * of channels times `width` are rounded to multiples of 8. Parameters: `trunk.first.conv`, `trunk.first.norm`,
 * `trunk.block1.expand.conv`, `.depthwise`, `.project`, …, `trunk.last`.
 */
export function mobilenetTrunk(options: MobileNetOptions): Trunk {
  checkOptions('mobilenetTrunk', options, `${IMAGE} first stages last`, true);
  const { backend, inputShape = [1, 36, 60], width = 1, seed = 0, arena } = options;
  const { first = 16, stages = smallStages, last = 128 } = options;
  const name = 'mobilenet';
  checkImageOptions(name, inputShape, width);
  const builder = new ParameterBuilder(name, backend, seed, { arena });
  const blocks = invertedResiduals(builder, {
    ...{ inputShape, stages, activation: 'relu6', alwaysWidens: false },
    first: byEight(first, width),
    last: byEight(last, Math.max(1, width)),
    channelsOf: (channels) => byEight(channels, width),
  });
  const headInitial = { weight: () => ({ normal: 0.01 }), bias: zero };
  return imageTrunk({ builder, inputShape, blocks, headInitial });
}

/** See `mobilenetTrunk`. */
export function mobilenet(options: MobileNetOptions & HeadOptions): Model {
  return headed('mobilenet', mobilenetTrunk, options, `${IMAGE} first stages last`);
}

/** The multiple of 8 nearest to `channels` · `width`, at least 8, and not below nine tenths of it. */
function byEight(channels: number, width: number): number {
  const wanted = channels * width;
  const rounded = Math.max(8, Math.floor((wanted + 4) / 8) * 8);
  return rounded < 0.9 * wanted ? rounded + 8 : rounded;
}
