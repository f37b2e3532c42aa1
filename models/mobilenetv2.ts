/** MobileNetV2 for small colour images, as the literature on distillation has it: Sandler et al. 2018 (arXiv:1801.04381), fewer strides. */
import { checkOptions } from '../engine/borders.ts';
import { checkImageOptions, IMAGE, type ImageOptions, imageTrunk } from './image-trunk.ts';
import { invertedResiduals, type MobileNetStage } from './inverted-residuals.ts';
import { headed, type HeadOptions, type Model, type Trunk } from './model.ts';
import { ParameterBuilder, zero } from './parameters.ts';

/** The paper's stages; the second has a stride of 1, for images of 32×32. */
export const mobilenetV2Stages: readonly MobileNetStage[] = [
  { expansion: 1, channels: 16, blocks: 1, stride: 1 },
  { expansion: 6, channels: 24, blocks: 2, stride: 1 },
  { expansion: 6, channels: 32, blocks: 3, stride: 2 },
  { expansion: 6, channels: 64, blocks: 4, stride: 2 },
  { expansion: 6, channels: 96, blocks: 3, stride: 1 },
  { expansion: 6, channels: 160, blocks: 3, stride: 2 },
  { expansion: 6, channels: 320, blocks: 1, stride: 1 },
];
const FIRST = 32;
const LAST = 1280;

/**
 * Inverted residuals: a 1×1 convolution widens, also where it widens by 1; a 3×3 one works on each channel alone; a 1×1 one narrows,
 * with batch normalisation after each and ReLU after the first two; what comes in is added where stride and channels allow. A first
 * convolution of 32 channels with a stride of 2 and a last one of 1,280. Numbers of channels times `width` are rounded down, and the
 * last is not below 1,280. Colour images of 32×32 unless given. Parameters: `trunk.first`, `trunk.block1.expand`, `.depthwise`,
 * `.project`, …, `trunk.last`.
 */
export function mobilenetV2Trunk(options: ImageOptions): Trunk {
  checkOptions('mobilenetV2Trunk', options, IMAGE, true);
  const { backend, inputShape = [3, 32, 32], width = 1, seed = 0, arena } = options;
  const name = 'mobilenetv2';
  checkImageOptions(name, inputShape, width);
  const narrowed = (channels: number) => Math.max(1, Math.floor(channels * width));
  const builder = new ParameterBuilder(name, backend, seed, { arena });
  const blocks = invertedResiduals(builder, {
    ...{ inputShape, stages: mobilenetV2Stages, activation: 'relu', alwaysWidens: true },
    first: narrowed(FIRST),
    last: Math.max(LAST, narrowed(LAST)),
    channelsOf: narrowed,
  });
  return imageTrunk({
    builder,
    inputShape,
    blocks,
    headInitial: { weight: () => ({ normal: 0.01 }), bias: zero },
  });
}

/** See `mobilenetV2Trunk`. With `width: 0.5, outputs: 100`: 812,836 parameters. */
export function mobilenetV2(options: ImageOptions & HeadOptions): Model {
  return headed('mobilenetV2', mobilenetV2Trunk, options, IMAGE);
}
