/** LeNet for grey eyes, as MPIIGaze uses it: Zhang et al. 2015, "Appearance-based gaze estimation in the wild". */
import { block } from './blocks.ts';
import { convLayer, flattenLayer, maxPoolLayer } from './image-layers.ts';
import { checkOptions } from '../engine/borders.ts';
import { checkImageOptions, IMAGE, type ImageOptions, imageTrunk, scaled } from './image-trunk.ts';
import { chain, linearLayer } from './layers.ts';
import { headed, type HeadOptions, type Model, type Trunk } from './model.ts';
import { ParameterBuilder, xavierUniform, zero } from './parameters.ts';

const linearInitial = { weight: xavierUniform, bias: zero };

/**
 * Two 5×5 convolutions of 20 and 50 channels with a pooling by 2 after each, no activation between, and 500 features
 * with ReLU; `width` scales all three numbers. Convolutions begin normal with deviations of 0.1 and 0.01. Parameters:
 * `trunk.conv1`, `trunk.conv2`, `trunk.linear`.
 *
 * @throws ShapeError if an image is too small.
 */
export function lenetTrunk(options: ImageOptions): Trunk {
  checkOptions('lenetTrunk', options, IMAGE, true);
  const { backend, inputShape = [1, 36, 60], width = 1, seed = 0, arena } = options;
  const name = 'lenet';
  checkImageOptions(name, inputShape, width);
  const builder = new ParameterBuilder(name, backend, seed, { arena });
  const conv1 = convLayer(builder, 'trunk.conv1', inputShape, {
    channels: scaled(20, width),
    kernel: 5,
    hasBias: true,
    initial: () => ({ normal: 0.1 }),
  });
  const pool1 = maxPoolLayer(builder, 'trunk.pool1', conv1.shape, 2);
  const conv2 = convLayer(builder, 'trunk.conv2', pool1.shape, {
    channels: scaled(50, width),
    kernel: 5,
    hasBias: true,
    initial: () => ({ normal: 0.01 }),
  });
  const pool2 = maxPoolLayer(builder, 'trunk.pool2', conv2.shape, 2);
  const flat = flattenLayer(pool2.shape);
  const linear = linearLayer(builder, 'trunk.linear', [flat.shape[0]!, scaled(500, width)], {
    activation: 'relu',
    initial: linearInitial,
  });
  const blocks = [
    block('trunk.conv1', conv1),
    block('trunk.pool1', pool1),
    block('trunk.conv2', conv2),
    block('trunk.pool2', pool2),
    block('trunk.linear', chain([flat, linear])),
  ];
  return imageTrunk({ builder, inputShape, blocks, headInitial: linearInitial });
}

/** With `outputs: 2, extras: 2` and eyes of 36×60: 1,827,076 parameters, 9,897,004 multiply-accumulates. */
export function lenet(options: ImageOptions & HeadOptions): Model {
  return headed('lenet', lenetTrunk, options, IMAGE);
}
