/** Networks: a trunk that computes features, and one head on it, or two. */
import { concat } from '../engine/ops/movement/movement.ts';
import { sameShape, type Shape, ShapeError, show } from '../engine/shape.ts';
import type { Tensor } from '../engine/tensor.ts';
import { type Block, blocksUpTo, OUTPUT, runBlocks, shapesOf } from './blocks.ts';
import { type Activation, checkCount, type Fresh, type LinearInitial, linearLayer } from './layers.ts';
import { countOf, type Named, type ParameterBuilder } from './parameters.ts';

export interface ForwardOptions {
  /** Inputs that join the features before the last layer, (…, rows, extras): the head pose. */
  extras?: Tensor;
  /**
   * Normalise by the batch's own statistics and move the running ones towards them, in place, once a call. Without it
   * the running ones are used. Networks without batch normalisation do the same either way.
   */
  training?: boolean;
}

/** What networks with one head and with two have in common; `O` is what they put out. */
export interface Network<O = unknown> {
  /** What an optimiser trains. */
  readonly parameters: Named;
  /** Running statistics: saved with the parameters, not trained. Most networks have none. */
  readonly buffers: Named;
  /** What the trunk computes, (…, rows, features); `extras` are not among them. */
  features(x: Tensor, options?: Pick<ForwardOptions, 'training'>): Tensor;
  readonly featureCount: number;
  /** Of one sample that each block puts out, by the block's name, in order. */
  readonly shapes: Readonly<Record<string, Shape>>;
  /**
   * What the named blocks put out, (…, rows, …shape), and under 'output' what the network does. Computes no further than
   * the last of them.
   *
   * @throws if there is no block of a name; the message lists them.
   */
  taps<N extends string>(
    x: Tensor,
    names: readonly N[],
    options?: ForwardOptions,
  ): Record<Exclude<N, 'output'>, Tensor> & Record<N & 'output', O>;
  /**
   * The blocks after `name`, and the head, on `h`, which stands for what that block puts out.
   *
   * @throws if there is no block of that name.
   */
  from(name: string, h: Tensor, options?: ForwardOptions): O;
  /** Numbers in all parameters, of one seed where there are several. */
  readonly parameterCount: number;
  /** Multiply-accumulates of linear layers and convolutions for one row or image; normalisation is not counted. */
  readonly macs: number;
}

/** A network with one output head. */
export interface Model extends Network<Tensor> {
  /** (…, rows, inputs), or images, to (…, rows, outputs). */
  forward(x: Tensor, options?: ForwardOptions): Tensor;
  /** The rest of `forward` where features are wanted as well: (…, rows, features) to (…, rows, outputs). */
  head(features: Tensor, options?: Pick<ForwardOptions, 'extras'>): Tensor;
}

/** Both heads, (…, rows, outputs) each. */
export interface TwoHeads {
  pred: Tensor;
  teacherPred: Tensor;
}

/** A student with a head for the label and one for the teacher's prediction. */
export interface DualHeadModel extends Network<TwoHeads> {
  forward(x: Tensor, options?: ForwardOptions): TwoHeads;
  /** The network that is deployed: trunk and label head, the same tensors, as large as a plain student. */
  labelOnly(): Model;
}

/** A network without its head: what `withHead` and `withDualHead` build on. They leave it as it is. */
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
  readonly headInitial?: LinearInitial;
}

export interface HeadOptions {
  outputs?: number;
  /** Numbers a row that join the features before the last layer. */
  extras?: number;
  /** Hidden layers of each head, as wide as the features. */
  headDepth?: number;
}

/** A trunk with a head `label`: parameters `label.0.weight`, `label.0.bias`, … */
export function withHead(trunk: Trunk, options: HeadOptions = {}): Model {
  const builder = trunk.builder.fork();
  const label = head(trunk, builder, 'label', options);
  return {
    ...networkOf(trunk, builder, label),
    forward: (x, given = {}) => label(featuresOf(trunk, x, given), given.extras),
    head: (features, given = {}) => label(features, given.extras),
  };
}

/** A trunk with the heads `label` and `teacher`. Trunk and label head have the initial numbers of `withHead`. */
export function withDualHead(trunk: Trunk, options: HeadOptions = {}): DualHeadModel {
  const builder = trunk.builder.fork();
  const label = head(trunk, builder, 'label', options);
  const deployed = networkOf(trunk, builder.fork(), label);
  const teacher = head(trunk, builder, 'teacher', options);
  const both: Head<TwoHeads> = (features, extras) => ({
    pred: label(features, extras),
    teacherPred: teacher(features, extras),
  });
  return {
    ...networkOf(trunk, builder, both),
    forward: (x, given = {}) => both(featuresOf(trunk, x, given), given.extras),
    labelOnly: () => ({
      ...deployed,
      forward: (x, given = {}) => label(featuresOf(trunk, x, given), given.extras),
      head: (features, given = {}) => label(features, given.extras),
    }),
  };
}

function networkOf<O>(trunk: Trunk, builder: ParameterBuilder, putOut: Head<O>): Network<O> {
  const { featureCount, blocks } = trunk;
  const { name: own, parameters, buffers, macs } = builder;
  return {
    parameters,
    buffers,
    features: (x, options = {}) => featuresOf(trunk, x, options),
    featureCount,
    shapes: shapesOf(blocks),
    taps(x, names, { extras, training = false } = {}) {
      const found: Record<string, Tensor | O> = {};
      const some = blocks.slice(0, blocksUpTo(own, blocks, names));
      const wanted = new Set<string>(names);
      const y = through(trunk, some, inputOf(trunk, x), training, (name, tapped) => {
        if (wanted.has(name)) found[name] = tapped;
      });
      if (wanted.has(OUTPUT)) found[OUTPUT] = putOut(y, extras);
      return found as ReturnType<Network<O>['taps']>;
    },
    from(name, h, { extras, training = false } = {}) {
      return putOut(through(trunk, blocks.slice(blocksUpTo(own, blocks, [name])), h, training), extras);
    },
    parameterCount: countOf(parameters) / builder.seedCount,
    macs,
  };
}

function featuresOf(trunk: Trunk, x: Tensor, { training = false }: Pick<ForwardOptions, 'training'>): Tensor {
  return through(trunk, trunk.blocks, inputOf(trunk, x), training);
}

function inputOf({ input }: Trunk, x: Tensor): Tensor {
  return input ? input(x) : x;
}

/** In training the running statistics of the blocks that run follow the batch. */
function through(
  { follow }: Trunk,
  blocks: readonly Block[],
  x: Tensor,
  isTraining: boolean,
  seen?: (name: string, y: Tensor) => void,
): Tensor {
  if (!isTraining || !follow) return runBlocks(blocks, x, undefined, seen);
  const fresh: Fresh = {};
  const y = runBlocks(blocks, x, fresh, seen);
  follow(fresh);
  return y;
}

type Head<O = Tensor> = (features: Tensor, extras: Tensor | undefined) => O;

/** Linear layers from the features, with `extras` before the last, to the outputs. */
function head(trunk: Trunk, builder: ParameterBuilder, kind: string, options: HeadOptions): Head {
  const { featureCount, activation, headInitial: initial } = trunk;
  const { name } = builder;
  const { outputs = 1, extras = 0, headDepth = 0 } = options;
  checkCount(name, 'outputs', outputs, 1);
  checkCount(name, 'extras', extras, 0);
  checkCount(name, 'headDepth', headDepth, 0);
  const hidden = Array.from({ length: headDepth }, (_, i) =>
    linearLayer(builder, `${kind}.${i}`, [featureCount, featureCount], { activation, initial }),
  );
  const last = linearLayer(builder, `${kind}.${headDepth}`, [featureCount + extras, outputs], { initial });
  return (features, given) => {
    checkExtras(name, features.shape, extras, given?.shape);
    let x = features;
    for (const layer of hidden) x = layer.run(x);
    return last.run(given ? concat([x, given], x.shape.length - 1) : x);
  };
}

function checkExtras(name: string, features: Shape, extras: number, given: Shape | undefined): void {
  if (extras === 0 && given) {
    throw new ShapeError(
      `${name}: extras ${show(given)} for a network without; build it with extras: ${given.at(-1)}`,
    );
  }
  const wanted = [...features.slice(0, -1), extras];
  if (extras > 0 && !(given && sameShape(given, wanted))) {
    throw new ShapeError(`${name}: extras ${given ? show(given) : 'are missing'}; wants ${show(wanted)}`);
  }
}
