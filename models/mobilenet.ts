/** MobileNetV2, small: Sandler et al. 2018, "MobileNetV2: inverted residuals and linear bottlenecks" (arXiv:1801.04381). */
import { add } from '../engine/ops/pointwise/elementwise.ts';
import { block } from './blocks.ts';
import { convNorm } from './conv-norm.ts';
import { globalAverageLayer, type ImageLayer, type ImageShape } from './image-layers.ts';
import { checkOptions } from '../engine/borders.ts';
import { checkImageOptions, IMAGE, type ImageOptions, imageTrunk } from './image-trunk.ts';
import { chain } from './layers.ts';
import { headed, type HeadOptions, type Model, type Trunk } from './model.ts';
import { ParameterBuilder, zero } from './parameters.ts';

/** Blocks in a row: how much the first convolution of each widens, the channels, how many, the stride of the first. */
export interface MobileNetStage {
  expansion: number;
  channels: number;
  blocks: number;
  stride: number;
}

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
  const opening = { channels: byEight(first, width), kernel: 3, stride: 2, activation: 'relu6' } as const;
  const layers: [string, ImageLayer][] = [
    ['trunk.first', convNorm(builder, 'trunk.first', inputShape, opening)],
  ];
  const shape = () => layers.at(-1)![1].shape;
  for (const { expansion, channels, blocks, stride } of stages) {
    for (let i = 0; i < blocks; i++) {
      const at = `trunk.block${layers.length}`;
      const options = { expansion, channels: byEight(channels, width), stride: i === 0 ? stride : 1 };
      layers.push([at, invertedResidual(builder, at, shape(), options)]);
    }
  }
  const closing = { channels: byEight(last, Math.max(1, width)), kernel: 1, activation: 'relu6' } as const;
  layers.push(['trunk.last', convNorm(builder, 'trunk.last', shape(), closing)]);
  const pool = globalAverageLayer(shape());
  const blocks = [...layers.map(([at, layer]) => block(at, layer)), block('trunk.pool', pool)];
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

function invertedResidual(
  builder: ParameterBuilder,
  name: string,
  input: ImageShape,
  { expansion, channels, stride }: Omit<MobileNetStage, 'blocks'>,
): ImageLayer {
  const wide = { channels: input[0] * expansion, activation: 'relu6' } as const;
  const layers: ImageLayer[] = [];
  if (expansion > 1) layers.push(convNorm(builder, `${name}.expand`, input, { ...wide, kernel: 1 }));
  const widened = layers.at(-1)?.shape ?? input;
  const apart = { ...wide, kernel: 3, stride, groups: wide.channels };
  const depthwise = convNorm(builder, `${name}.depthwise`, widened, apart);
  const project = convNorm(builder, `${name}.project`, depthwise.shape, { channels, kernel: 1 });
  const path = chain([...layers, depthwise, project]);
  const isResidual = stride === 1 && input[0] === channels;
  return {
    shape: project.shape,
    run(x, fresh) {
      const y = path.run(x, fresh);
      return isResidual ? add(x, y) : y;
    },
  };
}
