/** A network without its head: blocks one after another, and what runs them. */
import { checkOptions, inWords } from '../engine/borders.ts';
import { checkFloats, type Tensor } from '../engine/tensor.ts';
import { type Block, checkBlocks, runBlocks } from './blocks.ts';
import type { Activation, Fresh, LinearInitial } from './layers.ts';
import { ParameterBuilder } from './parameters.ts';

export interface ForwardOptions {
  /** Inputs that join the features before the last layer, (…, rows, extras): the head pose. */
  extras?: Tensor | undefined;
  /**
   * Normalise by the batch's own statistics and move the running ones towards them, in place, once a call. Without it
   * the running ones are used. Networks without batch normalisation do the same either way.
   */
  training?: boolean | undefined;
}

/** What `withHead` and `withDualHead` build on. They leave it as it is. */
export interface Trunk {
  readonly builder: ParameterBuilder;
  readonly featureCount: number;
  /** In order, each with a name of its own; the last one puts out the features, (…, rows, featureCount). */
  readonly blocks: readonly Block[];
  /** What the first block is given, from what the network is given: x itself if left out. */
  readonly input?: (x: Tensor) => Tensor;
  /** Moves running statistics towards those of a batch. */
  readonly follow?: ((fresh: Fresh) => void) | undefined;
  /** Of the hidden layers of a head. */
  readonly activation: Activation;
  /** Of its head's layers; PyTorch's default if left out. */
  readonly headInitial?: LinearInitial | undefined;
}

export function checkTrunk(where: string, trunk: Trunk): void {
  if (!(trunk?.builder instanceof ParameterBuilder))
    throw new Error(`${where}: wants a trunk such as mlpTrunk(…), got ${inWords(trunk)}`);
  checkBlocks(where, trunk.blocks);
}

/** Refuses what a network cannot take; `what` is its name for the tensor. */
export function checkGiven(network: string, what: string, x: Tensor, options: ForwardOptions): void {
  checkFloats(network, { [what]: x });
  checkOptions(network, options, 'extras training');
  checkFloats(network, {}, { extras: options.extras });
}

/** A trunk's features, of what `forward` is given. */
export function featuresOf(trunk: Trunk, x: Tensor, options: ForwardOptions): Tensor {
  checkGiven(trunk.builder.name, 'x', x, options);
  return through(trunk, trunk.blocks, inputOf(trunk, x), options);
}

export function inputOf({ input }: Trunk, x: Tensor): Tensor {
  return input ? input(x) : x;
}

/** Runs blocks of the trunk; in training the running statistics of those that run follow the batch. */
export function through(
  { follow }: Trunk,
  blocks: readonly Block[],
  x: Tensor,
  { training = false }: ForwardOptions,
  seen?: (name: string, y: Tensor) => void,
): Tensor {
  if (!training || !follow) return runBlocks(blocks, x, undefined, seen);
  const fresh: Fresh = {};
  const y = runBlocks(blocks, x, fresh, seen);
  follow(fresh);
  return y;
}
