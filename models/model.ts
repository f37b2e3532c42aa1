/** Networks: a trunk that computes features, and one head on it, or two. */
import { checkList, checkOptions } from '../engine/borders.ts';
import { concat } from '../engine/ops/movement/concat.ts';
import { sameShape, type Shape, ShapeError, show } from '../engine/shape.ts';
import type { Tensor } from '../engine/tensor.ts';
import { blocksUpTo, OUTPUT, shapesOf } from './blocks.ts';
import { checkCount, linearLayer } from './layers.ts';
import { countOf, type Named, type ParameterBuilder } from './parameters.ts';
import {
  checkGiven,
  checkTrunk,
  featuresOf,
  type ForwardOptions,
  inputOf,
  through,
  type Trunk,
} from './trunk.ts';

export type { ForwardOptions, Trunk };

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

/** A trunk with a head `label`: parameters `label.0.weight`, `label.0.bias`, … */
export function withHead(trunk: Trunk, options: HeadOptions = {}): Model {
  checkTrunk('withHead', trunk);
  checkOptions('withHead', options, HEAD);
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
  checkTrunk('withDualHead', trunk);
  checkOptions('withDualHead', options, HEAD);
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
    taps(x, names, options = {}) {
      checkGiven(own, 'x', x, options);
      checkList(own, 'names of blocks', names);
      const found: Record<string, Tensor | O> = {};
      const some = blocks.slice(0, blocksUpTo(own, blocks, names));
      const wanted = new Set<string>(names);
      const y = through(trunk, some, inputOf(trunk, x), options, (name, tapped) => {
        if (wanted.has(name)) found[name] = tapped;
      });
      if (wanted.has(OUTPUT)) found[OUTPUT] = putOut(y, options.extras);
      return found as ReturnType<Network<O>['taps']>;
    },
    from(name, h, options = {}) {
      checkGiven(own, 'h', h, options);
      const rest = blocks.slice(blocksUpTo(own, blocks, [name]));
      return putOut(through(trunk, rest, h, options), options.extras);
    },
    parameterCount: countOf(parameters) / builder.seedCount,
    macs,
  };
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
