/** Layers of image networks: convolution, batch normalisation, pooling. Images are (…, n, channels, height, width). */
import { checkList, checkOptions } from '../engine/borders.ts';
import { layer } from '../engine/listener.ts';
import { clamp } from '../engine/ops/pointwise/elementwise.ts';
import { relu } from '../engine/ops/pointwise/activations.ts';
import { conv2d } from '../engine/ops/conv2d/conv2d.ts';
import { reshape } from '../engine/ops/movement/movement.ts';
import { batchNorm, batchNormTraining } from '../engine/ops/reduce/normalize.ts';
import { globalAveragePool2d, maxPool2d } from '../engine/ops/image/pool.ts';
import { ShapeError, show, sizeOf } from '../engine/shape.ts';
import { checkBuilder, type Layer } from './layers.ts';
import { fanInUniform, type InitialOf, type ParameterBuilder, zero } from './parameters.ts';

/** Channels, height and width of one image. */
export type ImageShape = readonly [channels: number, height: number, width: number];

/** A layer that gives images. */
export interface ImageLayer extends Layer {
  readonly shape: ImageShape;
}

export interface ConvOptions {
  channels: number;
  kernel: number;
  stride?: number | undefined;
  padding?: number | undefined;
  groups?: number | undefined;
  hasBias?: boolean | undefined;
  initial?: InitialOf | undefined;
}

/**
 * A convolution with square kernels, `NAME.weight` (channels, inputs / groups, kernel, kernel) and, if asked for,
 * `NAME.bias` of zeros. Fans are counted as PyTorch does: kernel² times the weight's first two lengths.
 */
export function convLayer(
  builder: ParameterBuilder,
  name: string,
  input: ImageShape,
  options: ConvOptions,
): ImageLayer {
  checkImage('convLayer', builder, input);
  checkOptions('convLayer', options, 'channels kernel stride padding groups hasBias initial', true);
  const { channels, kernel, stride = 1, padding = 0, groups = 1, hasBias = false } = options;
  const { initial = fanInUniform } = options;
  const after = sizeAfter(`${builder.name}: ${name}`, input, { kernel, stride, padding });
  const inputs = input[0];
  const fans = [(inputs / groups) * kernel ** 2, channels * kernel ** 2] as const;
  const weightShape = [channels, inputs / groups, kernel, kernel];
  const weight = builder.parameter(`${name}.weight`, weightShape, initial(...fans));
  const bias = hasBias ? builder.parameter(`${name}.bias`, [channels], zero(...fans)) : undefined;
  builder.macs += sizeOf([...weightShape, ...after]);
  builder.outputs.push(channels * sizeOf(after));
  return {
    shape: [channels, ...after],
    run: (x) => conv2d(x, weight, bias, { stride, padding, groups }),
  };
}

function checkImage(where: string, builder: ParameterBuilder, shape: ImageShape): void {
  checkBuilder(where, builder);
  checkList(where, 'the shape of its images, [channels, height, width],', shape);
}

/** What a square window gives: ⌊(length + 2 padding - kernel) / stride⌋ + 1 in each direction. */
function sizeAfter(
  where: string,
  input: ImageShape,
  { kernel, stride, padding }: { kernel: number; stride: number; padding: number },
): [height: number, width: number] {
  const [height, width] = input
    .slice(1)
    .map((length) => Math.floor((length + 2 * padding - kernel) / stride) + 1);
  if (height! >= 1 && width! >= 1) return [height!, width!];
  throw new ShapeError(
    `${where} of ${kernel}×${kernel} gets images ${show(input)}; wants a larger inputShape`,
  );
}

/** The largest of every `size`×`size` numbers. */
export function maxPoolLayer(
  builder: ParameterBuilder,
  name: string,
  input: ImageShape,
  size: number,
): ImageLayer {
  checkImage('maxPoolLayer', builder, input);
  const window = { kernel: size, stride: size, padding: 0 };
  const after = sizeAfter(`${builder.name}: ${name}`, input, window);
  builder.outputs.push(input[0] * sizeOf(after));
  return { shape: [input[0], ...after], run: (x) => layer(name, () => maxPool2d(x, { size })) };
}

/**
 * Batch normalisation (Ioffe and Szegedy 2015, as PyTorch's BatchNorm2d) with parameters `NAME.scale` and `NAME.bias`
 * and buffers `NAME.mean` and `NAME.variance`. In training the batch's biased variance divides and its unbiased one
 * joins the running variance.
 */
export function batchNormLayer(builder: ParameterBuilder, name: string, shape: ImageShape): ImageLayer {
  checkImage('batchNormLayer', builder, shape);
  const channels = [shape[0]];
  const scale = builder.parameter(`${name}.scale`, channels, { constant: 1 });
  const bias = builder.parameter(`${name}.bias`, channels, { constant: 0 });
  const mean = builder.buffer(`${name}.mean`, channels, 0);
  const variance = builder.buffer(`${name}.variance`, channels, 1);
  builder.outputs.push(sizeOf(shape));
  return {
    shape,
    run(x, fresh) {
      if (!fresh) return batchNorm(x, { mean, variance, scale, bias, axis: -3 });
      const count = x.size / scale.size;
      if (count < 2)
        throw new ShapeError(
          `${builder.name}: ${name}: training wants more than one number a channel, got ${show(x.shape)}`,
        );
      const batch = batchNormTraining(x, { scale, bias, axis: -3 });
      fresh[`${name}.mean`] = { values: batch.mean, factor: 1 };
      fresh[`${name}.variance`] = { values: batch.variance, factor: count / (count - 1) };
      return batch.y;
    },
  };
}

/** max(x, 0). */
export function reluLayer(shape: ImageShape): ImageLayer {
  checkList('reluLayer', 'shape', shape);
  return { shape, run: (x) => relu(x) };
}

/** min(max(x, 0), 6). */
export function relu6Layer(shape: ImageShape): ImageLayer {
  checkList('relu6Layer', 'shape', shape);
  return { shape, run: (x) => clamp(x, 0, 6) };
}

/** The mean of every channel: (…, n, channels). */
export function globalAverageLayer(shape: ImageShape): Layer {
  checkList('globalAverageLayer', 'shape', shape);
  const [channels] = shape;
  return { shape: [channels], run: (x) => reshape(globalAveragePool2d(x), x.shape.slice(0, -2)) };
}

/** (…, n, channels · height · width). */
export function flattenLayer(shape: ImageShape): Layer {
  checkList('flattenLayer', 'shape', shape);
  return { shape: [sizeOf(shape)], run: (x) => reshape(x, [...x.shape.slice(0, -3), sizeOf(shape)]) };
}
