/** The residual networks of CIFAR: He et al. 2016, "Deep residual learning for image recognition" (arXiv:1512.03385), section 4.2. */
import { checkOptions } from '../engine/borders.ts';
import { pad } from '../engine/ops/movement/pad.ts';
import { slice } from '../engine/ops/movement/slice.ts';
import { relu } from '../engine/ops/pointwise/activations.ts';
import { add } from '../engine/ops/pointwise/elementwise.ts';
import type { Tensor } from '../engine/tensor.ts';
import { block } from './blocks.ts';
import { convNorm } from './conv-norm.ts';
import { globalAverageLayer, type ImageLayer, type ImageShape } from './image-layers.ts';
import { checkImageOptions, IMAGE, type ImageOptions, imageTrunk, scaled } from './image-trunk.ts';
import { chain } from './layers.ts';
import { headed, type HeadOptions, type Model, type Trunk } from './model.ts';
import { fanInUniform, ParameterBuilder, zero } from './parameters.ts';

export interface ResNetCifarOptions extends ImageOptions {
  /** 6n + 2 for n blocks a stage: 20, 32, 44, 56, 110. */
  depth?: number | undefined;
}

/**
 * A 3×3 convolution of 16 channels; three stages of n blocks with 16, 32 and 64 channels and strides 1, 2 and 2; the mean of each
 * channel. A block is relu(norm(conv(relu(norm(conv(x))))) + x); where it has a stride, x is every second pixel, with channels of
 * zeros behind: the paper's shortcut without parameters. `width` scales the channels. Colour images of 32×32 unless given.
 * Parameters: `trunk.first`, `trunk.stage1.block1.conv1`, ….
 *
 * @throws if `depth` is not 6n + 2.
 */
export function resnetCifarTrunk(options: ResNetCifarOptions): Trunk {
  checkOptions('resnetCifarTrunk', options, `${IMAGE} depth`, true);
  const { backend, inputShape = [3, 32, 32], width = 1, depth = 20, seed = 0, arena } = options;
  const name = `resnet-cifar${depth}`;
  checkImageOptions(name, inputShape, width);
  const each = (depth - 2) / 6;
  if (!Number.isInteger(each) || each < 1)
    throw new Error(`resnetCifar: depth is ${depth}; wants 6n + 2: 20, 32, 44, …`);
  const builder = new ParameterBuilder(name, backend, seed, { arena });
  const channels = scaled(16, width);
  const opening = { channels, kernel: 3, activation: 'relu' } as const;
  const layers: [string, ImageLayer][] = [
    ['trunk.first', convNorm(builder, 'trunk.first', inputShape, opening)],
  ];
  const shape = () => layers.at(-1)![1].shape;
  for (const stage of [1, 2, 3]) {
    for (let i = 1; i <= each; i++) {
      const at = `trunk.stage${stage}.block${i}`;
      const stride = stage > 1 && i === 1 ? 2 : 1;
      layers.push([at, plainBlock(builder, at, shape(), { channels: channels * 2 ** (stage - 1), stride })]);
    }
  }
  const pool = globalAverageLayer(shape());
  const blocks = [...layers.map(([at, layer]) => block(at, layer)), block('trunk.pool', pool)];
  return imageTrunk({ builder, inputShape, blocks, headInitial: { weight: fanInUniform, bias: zero } });
}

/** See `resnetCifarTrunk`. With `depth: 20, outputs: 10`: 269,722 parameters, 40,551,040 multiply-accumulates. */
export function resnetCifar(options: ResNetCifarOptions & HeadOptions): Model {
  return headed('resnetCifar', resnetCifarTrunk, options, `${IMAGE} depth`);
}

function plainBlock(
  builder: ParameterBuilder,
  name: string,
  input: ImageShape,
  { channels, stride }: { channels: number; stride: number },
): ImageLayer {
  const opening = { channels, kernel: 3, stride, activation: 'relu' } as const;
  const first = convNorm(builder, `${name}.conv1`, input, opening);
  const second = convNorm(builder, `${name}.conv2`, first.shape, { channels, kernel: 3 });
  const path = chain([first, second]);
  return {
    shape: second.shape,
    run: (x, fresh) => relu(add(path.run(x, fresh), shortcut(x, { stride, more: channels - input[0] }))),
  };
}

/** Every `stride`-th pixel of x (…, channels, height, width), with `more` channels of zeros. */
function shortcut(x: Tensor, { stride, more }: { stride: number; more: number }): Tensor {
  let y = x;
  if (stride > 1) for (const axis of [-2, -1]) y = slice(y, axis, undefined, undefined, { step: stride });
  if (more === 0) return y;
  const none: readonly [number, number] = [0, 0];
  return pad(y, [...y.shape.slice(0, -3).map(() => none), [0, more], none, none]);
}
