/** Networks: a trunk that computes features, and one head on it, or two. */
import { checkFunction, checkOptions, inWords } from '../engine/borders.ts';
import { concat } from '../engine/ops/movement/movement.ts';
import { sameShape, type Shape, ShapeError, show } from '../engine/shape.ts';
import { checkFloats, type Tensor } from '../engine/tensor.ts';
import { type Activation, checkCount, type LinearInitial, linearLayer } from './layers.ts';
import { countOf, type Named, ParameterBuilder } from './parameters.ts';

export interface ForwardOptions {
  /** Inputs that join the features before the last layer, (…, rows, extras): the head pose. */
  extras?: Tensor | undefined;
  /**
   * Normalise by the batch's own statistics and move the running ones towards them, in place, once a call. Without it
   * the running ones are used. Networks without batch normalisation do the same either way.
   */
  training?: boolean | undefined;
}

/** What networks with one head and with two have in common. */
export interface Network {
  /** What an optimiser trains. */
  readonly parameters: Named;
  /** Running statistics: saved with the parameters, not trained. Most networks have none. */
  readonly buffers: Named;
  /** What the trunk computes, (…, rows, features); `extras` are not among them. */
  features(x: Tensor, options?: Pick<ForwardOptions, 'training'>): Tensor;
  readonly featureCount: number;
  /** Numbers in all parameters, of one seed where there are several. */
  readonly parameterCount: number;
  /** Multiply-accumulates of linear layers and convolutions for one row or image; normalisation is not counted. */
  readonly macs: number;
}

/** A network with one output head. */
export interface Model extends Network {
  /** (…, rows, inputs), or images, to (…, rows, outputs). */
  forward(x: Tensor, options?: ForwardOptions): Tensor;
  /** The rest of `forward` where features are wanted as well: (…, rows, features) to (…, rows, outputs). */
  head(features: Tensor, options?: Pick<ForwardOptions, 'extras'>): Tensor;
}

/** A student with a head for the label and one for the teacher's prediction. */
export interface DualHeadModel extends Network {
  /** Both heads, (…, rows, outputs) each. */
  forward(x: Tensor, options?: ForwardOptions): { pred: Tensor; teacherPred: Tensor };
  /** The network that is deployed: trunk and label head, the same tensors, as large as a plain student. */
  labelOnly(): Model;
}

/** A network without its head: what `withHead` and `withDualHead` build on. They leave it as it is. */
export interface Trunk {
  readonly builder: ParameterBuilder;
  readonly featureCount: number;
  features(x: Tensor, options?: Pick<ForwardOptions, 'training'>): Tensor;
  /** Of the hidden layers of a head. */
  readonly activation: Activation;
  /** Of its head's layers; PyTorch's default if left out. */
  readonly headInitial?: LinearInitial | undefined;
}

export interface HeadOptions {
  outputs?: number | undefined;
  /** Numbers a row that join the features before the last layer. */
  extras?: number | undefined;
  /** Hidden layers of each head, as wide as the features. */
  headDepth?: number | undefined;
}

const HEAD = 'outputs extras headDepth';

/** A network with one head, from the options of both: `known` are the trunk's. */
export function headed<O extends object>(
  name: string,
  trunkOf: (options: O) => Trunk,
  options: O & HeadOptions,
  known: string,
): Model {
  checkOptions(name, options, `${known} ${HEAD}`, true);
  const { outputs, extras, headDepth, ...own } = options;
  // The cast: what is left are the trunk's options.
  return withHead(trunkOf(own as unknown as O), { outputs, extras, headDepth });
}

function checkTrunk(where: string, trunk: Trunk): void {
  if (!(trunk?.builder instanceof ParameterBuilder))
    throw new Error(`${where}: wants a trunk such as mlpTrunk(…), got ${inWords(trunk)}`);
  checkFunction(where, 'the trunk’s features', trunk.features);
}

/** A trunk with a head `label`: parameters `label.0.weight`, `label.0.bias`, … */
export function withHead(trunk: Trunk, options: HeadOptions = {}): Model {
  checkTrunk('withHead', trunk);
  checkOptions('withHead', options, HEAD);
  const builder = trunk.builder.fork();
  const label = head(trunk, builder, 'label', options);
  return {
    ...networkOf(trunk, builder),
    forward: (x, given = {}) => label(featuresOf(trunk, x, given), given.extras),
    head: (features, given = {}) => label(features, given.extras),
  };
}

/** A trunk's features, of what `forward` is given. */
function featuresOf({ builder: { name }, features }: Trunk, x: Tensor, options: ForwardOptions): Tensor {
  checkFloats(name, { x });
  checkOptions(name, options, 'extras training');
  checkFloats(name, {}, { extras: options.extras });
  return features(x, options);
}

/** A trunk with the heads `label` and `teacher`. Trunk and label head have the initial numbers of `withHead`. */
export function withDualHead(trunk: Trunk, options: HeadOptions = {}): DualHeadModel {
  checkTrunk('withDualHead', trunk);
  checkOptions('withDualHead', options, HEAD);
  const builder = trunk.builder.fork();
  const label = head(trunk, builder, 'label', options);
  const deployed = networkOf(trunk, builder.fork());
  const teacher = head(trunk, builder, 'teacher', options);
  return {
    ...networkOf(trunk, builder),
    forward(x, given = {}) {
      const features = featuresOf(trunk, x, given);
      return { pred: label(features, given.extras), teacherPred: teacher(features, given.extras) };
    },
    labelOnly: () => ({
      ...deployed,
      forward: (x, given = {}) => label(featuresOf(trunk, x, given), given.extras),
      head: (features, given = {}) => label(features, given.extras),
    }),
  };
}

function networkOf({ features, featureCount }: Trunk, builder: ParameterBuilder): Network {
  const { parameters, buffers, macs } = builder;
  return {
    parameters,
    buffers,
    features,
    featureCount,
    parameterCount: countOf(parameters) / builder.seedCount,
    macs,
  };
}

type Head = (features: Tensor, extras: Tensor | undefined) => Tensor;

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
