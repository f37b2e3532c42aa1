/** Wide residual networks: Zagoruyko and Komodakis 2016 (arXiv:1605.07146), with basic blocks and no dropout. */
import { checkOptions } from '../engine/borders.ts';
import { add } from '../engine/ops/pointwise/elementwise.ts';
import { block } from './blocks.ts';
import {
  batchNormLayer,
  type ConvOptions,
  convLayer,
  globalAverageLayer,
  type ImageLayer,
  type ImageShape,
  reluLayer,
} from './image-layers.ts';
import { checkImageOptions, IMAGE, type ImageOptions, imageTrunk, scaled } from './image-trunk.ts';
import { chain } from './layers.ts';
import { headed, type HeadOptions, type Model, type Trunk } from './model.ts';
import { fanInUniform, kaimingNormal, ParameterBuilder, zero } from './parameters.ts';

export interface WideResNetOptions extends ImageOptions {
  /** 6n + 4 for n blocks a stage: 16, 22, 28, 40. */
  depth?: number | undefined;
  /** How many times as many channels as a residual network has: k of WRN-16-k. */
  widening?: number | undefined;
}

/**
 * A 3×3 convolution of 16 channels; three stages of n blocks with 16k, 32k and 64k channels and strides 1, 2 and 2; batch
 * normalisation, ReLU and the mean of each channel. A block is conv(relu(norm(conv(relu(norm(x)))))) + x; where the channels change,
 * a 1×1 convolution of relu(norm(x)) is in the place of x. `width` scales all channels once more. Colour images of 32×32 unless given.
 * Parameters: `trunk.conv`, `trunk.stage1.block1.norm1`, ….
 *
 * @throws if `depth` is not 6n + 4, or `widening` is not above 0.
 */
export function wideResnetTrunk(options: WideResNetOptions): Trunk {
  checkOptions('wideResnetTrunk', options, `${IMAGE} depth widening`, true);
  const { backend, inputShape = [3, 32, 32], width = 1, depth = 16, widening = 2, seed = 0, arena } = options;
  const name = `wrn-${depth}-${widening}`;
  checkImageOptions(name, inputShape, width);
  const each = (depth - 4) / 6;
  if (!Number.isInteger(each) || each < 1)
    throw new Error(`wideResnet: depth is ${depth}; wants 6n + 4: 16, 22, 28, 40, …`);
  if (!(widening > 0 && widening < Infinity))
    throw new Error(`wideResnet: widening is ${widening}; wants a number above 0`);
  const builder = new ParameterBuilder(name, backend, seed, { arena });
  const layers: [string, ImageLayer][] = [
    ['trunk.conv', conv(builder, 'trunk.conv', inputShape, { channels: scaled(16, width), kernel: 3 })],
  ];
  const shape = () => layers.at(-1)![1].shape;
  for (const stage of [1, 2, 3]) {
    const channels = scaled(16 * 2 ** (stage - 1) * widening, width);
    for (let i = 1; i <= each; i++) {
      const at = `trunk.stage${stage}.block${i}`;
      const stride = stage > 1 && i === 1 ? 2 : 1;
      layers.push([at, wideBlock(builder, at, shape(), { channels, stride })]);
    }
  }
  layers.push(['trunk.norm', chain([batchNormLayer(builder, 'trunk.norm', shape()), reluLayer(shape())])]);
  const pool = globalAverageLayer(shape());
  const blocks = [...layers.map(([at, layer]) => block(at, layer)), block('trunk.pool', pool)];
  return imageTrunk({ builder, inputShape, blocks, headInitial: { weight: fanInUniform, bias: zero } });
}

/** See `wideResnetTrunk`. WRN-16-2 with `outputs: 100`: 703,284 parameters. */
export function wideResnet(options: WideResNetOptions & HeadOptions): Model {
  return headed('wideResnet', wideResnetTrunk, options, `${IMAGE} depth widening`);
}

function conv(builder: ParameterBuilder, name: string, input: ImageShape, options: ConvOptions): ImageLayer {
  const padding = (options.kernel - 1) / 2;
  return convLayer(builder, name, input, { padding, initial: kaimingNormal, ...options });
}

function wideBlock(
  builder: ParameterBuilder,
  name: string,
  input: ImageShape,
  { channels, stride }: { channels: number; stride: number },
): ImageLayer {
  const before = chain([batchNormLayer(builder, `${name}.norm1`, input), reluLayer(input)]);
  const conv1 = conv(builder, `${name}.conv1`, input, { channels, kernel: 3, stride });
  const { shape } = conv1;
  const between = [batchNormLayer(builder, `${name}.norm2`, shape), reluLayer(shape)];
  const path = chain([conv1, ...between, conv(builder, `${name}.conv2`, shape, { channels, kernel: 3 })]);
  const shortcut =
    input[0] === channels && stride === 1
      ? undefined
      : conv(builder, `${name}.shortcut`, input, { channels, kernel: 1, stride });
  return {
    shape,
    run(x, fresh) {
      const a = before.run(x, fresh);
      return add(path.run(a, fresh), shortcut ? shortcut.run(a) : x);
    },
  };
}
