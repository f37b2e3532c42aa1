/** MobileNetV2 for small colour images, as the literature on distillation has it: Sandler et al. 2018 (arXiv:1801.04381), fewer strides. */
import { checkOptions } from '../engine/borders.ts';
import { add } from '../engine/ops/pointwise/elementwise.ts';
import { block } from './blocks.ts';
import { convNorm } from './conv-norm.ts';
import { globalAverageLayer, type ImageLayer, type ImageShape } from './image-layers.ts';
import { checkImageOptions, IMAGE, type ImageOptions, imageTrunk } from './image-trunk.ts';
import { chain } from './layers.ts';
import type { MobileNetStage } from './mobilenet.ts';
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
  const opening = { channels: narrowed(FIRST), kernel: 3, stride: 2, activation: 'relu' } as const;
  const layers: [string, ImageLayer][] = [
    ['trunk.first', convNorm(builder, 'trunk.first', inputShape, opening)],
  ];
  const shape = () => layers.at(-1)![1].shape;
  for (const { expansion, channels, blocks, stride } of mobilenetV2Stages) {
    for (let i = 0; i < blocks; i++) {
      const at = `trunk.block${layers.length}`;
      const options = { expansion, channels: narrowed(channels), stride: i === 0 ? stride : 1 };
      layers.push([at, invertedResidual(builder, at, shape(), options)]);
    }
  }
  const closing = { channels: Math.max(LAST, narrowed(LAST)), kernel: 1, activation: 'relu' } as const;
  layers.push(['trunk.last', convNorm(builder, 'trunk.last', shape(), closing)]);
  const pool = globalAverageLayer(shape());
  const blocks = [...layers.map(([at, layer]) => block(at, layer)), block('trunk.pool', pool)];
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

function invertedResidual(
  builder: ParameterBuilder,
  name: string,
  input: ImageShape,
  { expansion, channels, stride }: Omit<MobileNetStage, 'blocks'>,
): ImageLayer {
  const wide = { channels: input[0] * expansion, activation: 'relu' } as const;
  const expand = convNorm(builder, `${name}.expand`, input, { ...wide, kernel: 1 });
  const apart = { ...wide, kernel: 3, stride, groups: wide.channels };
  const depthwise = convNorm(builder, `${name}.depthwise`, expand.shape, apart);
  const project = convNorm(builder, `${name}.project`, depthwise.shape, { channels, kernel: 1 });
  const path = chain([expand, depthwise, project]);
  const isResidual = stride === 1 && input[0] === channels;
  return {
    shape: project.shape,
    run: (x, fresh) => (isResidual ? add(x, path.run(x, fresh)) : path.run(x, fresh)),
  };
}
