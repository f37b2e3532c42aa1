/** The body that both MobileNetV2 have: a convolution, stages of inverted residuals, a convolution, the mean of every channel. */
import { add } from '../engine/ops/pointwise/elementwise.ts';
import { type Block, block } from './blocks.ts';
import { convNorm, type ConvNormOptions } from './conv-norm.ts';
import { globalAverageLayer, type ImageLayer, type ImageShape } from './image-layers.ts';
import { chain } from './layers.ts';
import type { ParameterBuilder } from './parameters.ts';

/** Blocks in a row: how much the first convolution of each widens, the channels, how many, the stride of the first. */
export interface MobileNetStage {
  expansion: number;
  channels: number;
  blocks: number;
  stride: number;
}

export interface InvertedResiduals {
  readonly inputShape: ImageShape;
  readonly stages: readonly MobileNetStage[];
  readonly activation: ConvNormOptions['activation'];
  /** Of the first convolution, 3×3 with a stride of 2, and of the last, 1×1. */
  readonly first: number;
  readonly last: number;
  /** Of a stage. */
  channelsOf(channels: number): number;
  /** Whether there is a first convolution also where it widens by 1. */
  readonly alwaysWidens: boolean;
}

export function invertedResiduals(builder: ParameterBuilder, options: InvertedResiduals): Block[] {
  const { inputShape, stages, activation, channelsOf } = options;
  const opening = { channels: options.first, kernel: 3, stride: 2, activation };
  const layers: [string, ImageLayer][] = [
    ['trunk.first', convNorm(builder, 'trunk.first', inputShape, opening)],
  ];
  const shape = () => layers.at(-1)![1].shape;
  for (const stage of stages) {
    for (let i = 0; i < stage.blocks; i++) {
      const at = `trunk.block${layers.length}`;
      const own = { channels: channelsOf(stage.channels), stride: i === 0 ? stage.stride : 1 };
      const widening = { expansion: stage.expansion, alwaysWidens: options.alwaysWidens, activation };
      layers.push([at, invertedResidual(builder, at, shape(), { ...own, ...widening })]);
    }
  }
  const closing = { channels: options.last, kernel: 1, activation };
  layers.push(['trunk.last', convNorm(builder, 'trunk.last', shape(), closing)]);
  const pool = globalAverageLayer(shape());
  return [...layers.map(([at, layer]) => block(at, layer)), block('trunk.pool', pool)];
}

function invertedResidual(
  builder: ParameterBuilder,
  name: string,
  input: ImageShape,
  {
    expansion,
    channels,
    stride,
    activation,
    alwaysWidens,
  }: Omit<MobileNetStage, 'blocks'> & Pick<InvertedResiduals, 'activation' | 'alwaysWidens'>,
): ImageLayer {
  const wide = { channels: input[0] * expansion, activation };
  const layers: ImageLayer[] = [];
  if (alwaysWidens || expansion > 1)
    layers.push(convNorm(builder, `${name}.expand`, input, { ...wide, kernel: 1 }));
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
