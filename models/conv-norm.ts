/** A convolution with batch normalisation behind it, and what makes it non-linear: the piece that networks on images are made of. */
import {
  batchNormLayer,
  type ConvOptions,
  convLayer,
  type ImageLayer,
  type ImageShape,
  relu6Layer,
  reluLayer,
} from './image-layers.ts';
import { chain } from './layers.ts';
import { kaimingNormal, type ParameterBuilder } from './parameters.ts';

export interface ConvNormOptions extends ConvOptions {
  /** Nothing unless given. */
  activation?: 'relu' | 'relu6' | undefined;
}

/**
 * activation(norm(conv(x))), with parameters `NAME.conv…` and `NAME.norm…`. No bias; 'same' padding for odd kernels and weights as
 * `kaimingNormal` unless given.
 */
export function convNorm(
  builder: ParameterBuilder,
  name: string,
  input: ImageShape,
  { activation, ...options }: ConvNormOptions,
): ImageLayer {
  const padding = (options.kernel - 1) / 2;
  const conv = convLayer(builder, `${name}.conv`, input, { padding, initial: kaimingNormal, ...options });
  const layers = [conv, batchNormLayer(builder, `${name}.norm`, conv.shape)];
  if (activation) layers.push(activation === 'relu' ? reluLayer(conv.shape) : relu6Layer(conv.shape));
  return chain(layers);
}
