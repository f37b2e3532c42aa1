/** Residual networks of 6n + 2 layers with pre-activation: He et al. 2016, "Identity mappings in deep residual networks". */
import { add } from '../engine/ops/pointwise/elementwise.ts';
import { block } from './blocks.ts';
import {
  batchNormLayer,
  convLayer,
  globalAverageLayer,
  type ImageLayer,
  type ImageShape,
  reluLayer,
} from './image-layers.ts';
import { checkOptions } from '../engine/borders.ts';
import { checkImageOptions, IMAGE, type ImageOptions, imageTrunk, scaled } from './image-trunk.ts';
import { chain, type Layer } from './layers.ts';
import { headed, type HeadOptions, type Model, type Trunk } from './model.ts';
import { fanInUniform, kaimingNormal, ParameterBuilder, zero } from './parameters.ts';

export interface ResNetOptions extends ImageOptions {
  /** 6n + 2 for n blocks a stage: 8, 14, 20, … */
  depth?: number | undefined;
}

/**
 * A 3×3 convolution of 16 channels; three stages of 16, 32 and 64 with strides 1, 2 and 2; batch normalisation, ReLU and
 * the mean of each channel. `width` scales the channels. As in the networks trained on MPIIGaze, both ways through a block
 * begin after its first normalisation and ReLU, and a 1×1 convolution is the shortcut where the channels grow.
 * Convolutions have no bias and begin as `kaimingNormal`. Parameters: `trunk.conv`, `trunk.stage1.block1.norm1`, ….
 *
 * @throws if `depth` is not 6n + 2.
 */
export function resnetTrunk(options: ResNetOptions): Trunk {
  checkOptions('resnetTrunk', options, `${IMAGE} depth`, true);
  const { backend, inputShape = [1, 36, 60], width = 1, depth = 8, seed = 0, arena } = options;
  const name = `resnet${depth}`;
  checkImageOptions(name, inputShape, width);
  const blocks = (depth - 2) / 6;
  if (!Number.isInteger(blocks) || blocks < 1)
    throw new Error(`resnet: depth is ${depth}; wants 6n + 2: 8, 14, 20, …`);
  const builder = new ParameterBuilder(name, backend, seed, { arena });
  const channels = scaled(16, width);
  const layers: [string, ImageLayer][] = [
    ['trunk.conv', conv3x3(builder, 'trunk.conv', inputShape, channels, 1)],
  ];
  const shape = () => layers.at(-1)![1].shape;
  for (const stage of [1, 2, 3]) {
    for (let block = 1; block <= blocks; block++) {
      const stride = stage > 1 && block === 1 ? 2 : 1;
      const at = `trunk.stage${stage}.block${block}`;
      layers.push([at, basicBlock(builder, at, shape(), channels * 2 ** (stage - 1), stride)]);
    }
  }
  layers.push(['trunk.norm', chain([batchNormLayer(builder, 'trunk.norm', shape()), reluLayer(shape())])]);
  const pool = globalAverageLayer(shape());
  return imageTrunk({
    builder,
    inputShape,
    blocks: [...layers.map(([at, layer]) => block(at, layer)), block('trunk.pool', pool)],
    headInitial: { weight: fanInUniform, bias: zero },
  });
}

/**
 * ResNet-8, -14 or -20 by `depth`. ResNet-8 with `outputs: 2, extras: 2` and eyes of 36×60: 77,046 parameters,
 * 25,747,332 multiply-accumulates.
 */
export function resnet(options: ResNetOptions & HeadOptions): Model {
  return headed('resnet', resnetTrunk, options, `${IMAGE} depth`);
}

function conv3x3(
  builder: ParameterBuilder,
  name: string,
  input: ImageShape,
  channels: number,
  stride: number,
): ImageLayer {
  return convLayer(builder, name, input, { channels, kernel: 3, stride, padding: 1, initial: kaimingNormal });
}

/** a = relu(norm1(x)); y = conv2(relu(norm2(conv1(a)))) + shortcut(a). */
function basicBlock(
  builder: ParameterBuilder,
  name: string,
  input: ImageShape,
  channels: number,
  stride: number,
): ImageLayer {
  const before = chain([batchNormLayer(builder, `${name}.norm1`, input), reluLayer(input)]);
  const conv1 = conv3x3(builder, `${name}.conv1`, input, channels, stride);
  const { shape } = conv1;
  const norm2 = batchNormLayer(builder, `${name}.norm2`, shape);
  const conv2 = conv3x3(builder, `${name}.conv2`, shape, channels, 1);
  const path = chain([conv1, norm2, reluLayer(shape), conv2]);
  let shortcut: Layer | undefined;
  if (input[0] !== channels) {
    const options = { channels, kernel: 1, stride, initial: kaimingNormal };
    shortcut = convLayer(builder, `${name}.shortcut`, input, options);
  }
  return {
    shape,
    run(x, fresh) {
      const a = before.run(x, fresh);
      return add(path.run(a, fresh), shortcut ? shortcut.run(a) : a);
    },
  };
}
