/** Brings features of one width to another: a linear layer, of maps a 1×1 convolution. */
import type { Backend } from '../../engine/backend.ts';
import type { Arena } from '../../engine/optim/arena.ts';
import type { Shape } from '../../engine/shape.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { convLayer, type ImageShape } from '../image-layers.ts';
import { linearLayer } from '../layers.ts';
import { type Named, ParameterBuilder, type Seeds } from '../parameters.ts';

export interface ChannelTransferOptions {
  readonly backend: Backend;
  /** Of one sample's features: (features), or (channels, height, width). */
  readonly shape: Shape;
  readonly channels: number;
  readonly seed?: Seeds;
  readonly arena?: Arena;
}

export interface ChannelTransfer {
  readonly parameters: Named;
  readonly buffers: Named;
  /** (…, rows, …shape) to as many channels. */
  forward(features: Tensor): Tensor;
}

export function channelTransfer({
  backend,
  shape,
  channels,
  seed = 0,
  arena,
}: ChannelTransferOptions): ChannelTransfer {
  const builder = new ParameterBuilder('channelTransfer', backend, seed, { arena });
  const layer =
    shape.length === 3
      ? convLayer(builder, 'transfer', shape as unknown as ImageShape, { channels, kernel: 1, hasBias: true })
      : linearLayer(builder, 'transfer', [shape[0]!, channels]);
  const { parameters, buffers } = builder;
  return { parameters, buffers, forward: (features) => layer.run(features) };
}
