/** Trunks on images: what every image network is given, what it accepts, and how its running statistics follow. */
import type { Backend } from '../engine/backend.ts';
import { checkList, checkOptions } from '../engine/borders.ts';
import type { Arena } from '../engine/optim/arena.ts';
import { reshape } from '../engine/ops/movement/movement.ts';
import { runningStatistics } from '../engine/data/running-statistics.ts';
import { sameShape, ShapeError, show, sizeOf } from '../engine/shape.ts';
import type { Tensor } from '../engine/tensor.ts';
import type { ImageShape } from './image-layers.ts';
import { type Block, checkBlocks } from './blocks.ts';
import { checkBuilder, checkCount } from './layers.ts';
import type { Trunk } from './model.ts';
import type { Seeds } from './parameters.ts';

/** What every image network is given, besides its own options. */
export interface ImageOptions {
  backend: Backend;
  /** Channels, height, width; [1, 36, 60] unless given, a grey eye of MPIIGaze. */
  inputShape?: ImageShape | undefined;
  /** Scales the numbers of channels. */
  width?: number | undefined;
  seed?: Seeds | undefined;
  /** Where the parameters are to lie, beside those of other networks. */
  arena?: Arena | undefined;
}

/** The names of `ImageOptions`. */
export const IMAGE = 'backend inputShape width seed arena';

export function checkImageOptions(name: string, inputShape: ImageShape, width: number): void {
  checkList(name, 'inputShape', inputShape);
  if (inputShape.length !== 3)
    throw new ShapeError(`${name}: inputShape ${show(inputShape)}; wants [channels, height, width]`);
  for (const length of inputShape) checkCount(name, `a length of inputShape ${show(inputShape)}`, length, 1);
  if (!(width > 0 && width < Infinity)) throw new Error(`${name}: width is ${width}; wants a number above 0`);
}

/** `channels` times the width multiplier, rounded, at least 1. */
export function scaled(channels: number, width: number): number {
  return Math.max(1, Math.round(channels * width));
}

/**
 * A trunk on images of `inputShape`, which may come as rows of a table, too: `blocks`, one after another, give the features
 * of a batch of them. The builder's buffers are averages over the batches, moved by every pass with `training: true`.
 * `withHead` or `withDualHead` makes a network of it.
 */
export function imageTrunk(
  parts: Pick<Trunk, 'builder' | 'headInitial'> & {
    inputShape: ImageShape;
    blocks: readonly Block[];
  },
): Trunk {
  checkOptions('imageTrunk', parts, 'builder inputShape blocks headInitial', true);
  const { builder, inputShape, blocks, ...rest } = parts;
  checkBuilder('imageTrunk', builder);
  checkList('imageTrunk', 'inputShape', inputShape);
  checkBlocks('imageTrunk', blocks);
  if (blocks.length === 0) throw new Error('imageTrunk: no blocks; wants at least one');
  return {
    ...rest,
    builder,
    activation: 'relu',
    blocks,
    featureCount: blocks.at(-1)!.shape[0]!,
    input: (x) => imagesOf(builder.name, x, inputShape),
    follow: Object.keys(builder.buffers).length > 0 ? runningStatistics(builder.buffers) : undefined,
  };
}

function imagesOf(name: string, x: Tensor, inputShape: ImageShape): Tensor {
  const { shape } = x;
  if (shape.length > 3 && sameShape(shape.slice(-3), inputShape)) return x;
  if (shape.length > 1 && shape.at(-1) === sizeOf(inputShape))
    return reshape(x, [...shape.slice(0, -1), ...inputShape]);
  throw new ShapeError(
    `${name}: x ${show(x.shape)}; wants images [n, ${inputShape.join(', ')}] or rows [n, ${sizeOf(inputShape)}]`,
  );
}
