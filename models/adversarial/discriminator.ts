/** Tells features of one network from another's: a number a row, after Chung et al. 2020 (arXiv:2002.01775). */
import type { Backend } from '../../engine/backend.ts';
import type { Arena } from '../../engine/optim/arena.ts';
import { reshape } from '../../engine/ops/movement/movement.ts';
import { leakyRelu, sigmoid } from '../../engine/ops/pointwise/activations.ts';
import { batchNormTraining } from '../../engine/ops/reduce/normalize.ts';
import { mean } from '../../engine/ops/reduce/reduce.ts';
import { type Shape, sizeOf } from '../../engine/shape.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { convLayer, type ImageShape } from '../image-layers.ts';
import { linearLayer } from '../layers.ts';
import { type Named, ParameterBuilder, type Seeds } from '../parameters.ts';

/** What its last number goes through: its verdicts lie in (0, 1), or anywhere. */
export type VerdictKind = 'sigmoid' | 'linear';

export interface DiscriminatorOptions {
  readonly backend: Backend;
  /** Of one sample's features: (features), or (channels, height, width). */
  readonly shape: Shape;
  readonly output?: VerdictKind;
  readonly seed?: Seeds;
  readonly arena?: Arena;
}

export interface Discriminator {
  readonly parameters: Named;
  readonly buffers: Named;
  /** (…, rows, …shape) to (…, rows, 1). What is to be told apart goes through it together, as one batch. */
  forward(features: Tensor): Tensor;
}

/**
 * Of maps a 2×2 convolution to half the channels, batch normalisation, leaky ReLU, and a 2×2 convolution of stride 2 to one
 * channel, whose mean it is; of features a linear layer to half as many, leaky ReLU, and one to a number. It always normalises
 * by the batch that it is given: statistics of two batches apart would give them away, so both sides come as one.
 */
export function discriminator({
  backend,
  shape,
  output = 'sigmoid',
  seed = 0,
  arena,
}: DiscriminatorOptions): Discriminator {
  const builder = new ParameterBuilder('discriminator', backend, seed, { arena });
  const isMap = shape.length === 3 && Math.min(shape[1]!, shape[2]!) > 1;
  const judge = isMap ? ofMaps(builder, shape as unknown as ImageShape) : ofFeatures(builder, shape);
  const { parameters, buffers } = builder;
  return {
    parameters,
    buffers,
    forward: (features) => (output === 'sigmoid' ? sigmoid(judge(features)) : judge(features)),
  };
}

function ofFeatures(builder: ParameterBuilder, shape: Shape): (x: Tensor) => Tensor {
  const width = sizeOf(shape);
  const half = Math.max(1, Math.floor(width / 2));
  const hidden = linearLayer(builder, 'hidden', [width, half]);
  const last = linearLayer(builder, 'last', [half, 1]);
  return (x) => last.run(leakyRelu(hidden.run(rowsOf(x, shape))));
}

/** (…, rows, …shape) as (…, rows, width). */
function rowsOf(x: Tensor, shape: Shape): Tensor {
  return shape.length === 1 ? x : reshape(x, [...x.shape.slice(0, -shape.length), sizeOf(shape)]);
}

function ofMaps(builder: ParameterBuilder, shape: ImageShape): (x: Tensor) => Tensor {
  const half = Math.max(1, Math.floor(shape[0] / 2));
  const first = convLayer(builder, 'first', shape, { channels: half, kernel: 2 });
  const scale = builder.parameter('norm.scale', [half], { constant: 1 });
  const bias = builder.parameter('norm.bias', [half], { constant: 0 });
  // Of maps of two pixels either way one is left.
  const kernel = Math.min(2, first.shape[1], first.shape[2]);
  const last = convLayer(builder, 'last', first.shape, { channels: 1, kernel, stride: 2, hasBias: true });
  return (x) => {
    const { y } = batchNormTraining(first.run(x), { scale, bias });
    return reshape(mean(last.run(leakyRelu(y)), [1, 2, 3]), [x.shape[0]!, 1]);
  };
}
