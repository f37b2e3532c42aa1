/** The networks of a study, from their names on the command line: one a seed, side by side where they can be. */
import type { Backend } from '../engine/backend.ts';
import { openCpu } from '../engine/cpu.ts';
import { add, mul } from '../engine/ops/pointwise/elementwise.ts';
import type { SafetensorsInput } from '../engine/files/safetensors.ts';
import type { Arena } from '../engine/optim/arena.ts';
import { type Shape, ShapeError, sizeOf } from '../engine/shape.ts';
import type { Tensor } from '../engine/tensor.ts';
import { shapesOf } from './blocks.ts';
import type { ImageShape } from './image-layers.ts';
import { lenetTrunk } from './lenet.ts';
import { mlpTrunk } from './mlp.ts';
import { mobilenetTrunk } from './mobilenet.ts';
import { mobilenetV2Trunk } from './mobilenetv2.ts';
import { type Model, type Trunk, type TwoHeads, withDualHead, withHead } from './model.ts';
import { countOf, type Named, parametersOf, type Seeds } from './parameters.ts';
import { resnetTrunk } from './resnet.ts';
import { resnetCifarTrunk } from './resnet-cifar.ts';
import { wideResnetTrunk } from './wide-resnet.ts';
import { explained, UserError } from '../base/errors.ts';
import { type ImageNetworkSpec, isForImages, notForTables, parseNetwork } from './network-spec.ts';

/** What networks are given: standardised inputs or images, and numbers that join their features before the last layer. */
export interface NetworkInput {
  readonly x: Tensor;
  readonly extras?: Tensor | undefined;
}

/** What networks are built for. */
export interface InputShape {
  readonly inputs: number;
  readonly outputs: number;
  /** Numbers a row beside images. */
  readonly extras: number;
  readonly image?: ImageShape | undefined;
}

/** Networks as they are trained, evaluated and saved. */
export interface StudyNetworks extends Pick<Model, 'parameters' | 'buffers' | 'parameterCount' | 'macs'> {
  /** With an axis of seeds in front where several are side by side, as the input has. */
  forward(input: NetworkInput, options?: { training?: boolean }): Tensor;
  /**
   * What the named blocks put out, and under 'output' what the network does; it computes no further than the last of them.
   * Several networks that are averaged have no blocks.
   */
  taps?(
    input: NetworkInput,
    names: readonly string[],
    options?: { training?: boolean },
  ): Readonly<Record<string, Tensor>>;
  /** The blocks after `name`, and the head, where `input.x` stands for what that block puts out. */
  from?(name: string, input: NetworkInput, options?: { training?: boolean }): Tensor;
  /** Of one sample that each block puts out, by the block's name, in order. */
  readonly shapes?: Readonly<Record<string, Shape>>;
}

/** What one pass of a student gives, (seeds, rows, width) each. */
export interface StudentPass {
  /** By the names that were asked for: the one that is deployed first. */
  readonly heads: Readonly<Record<string, Tensor>>;
  /** What the blocks that were asked for put out, by their names. */
  readonly taps: Readonly<Record<string, Tensor>>;
}

/** Students: what is deployed of them, and what their losses see. */
export interface StudentNetworks {
  readonly parameters: Named;
  readonly buffers: Named;
  /** Trunk and first head. */
  readonly deployed: StudyNetworks;
  run(input: NetworkInput, options?: { training?: boolean; taps?: readonly string[] }): StudentPass;
}

export interface NetworkOptions {
  backend: Backend;
  shape: InputShape;
  /** A list makes networks side by side: parameters and buffers (seeds, …). */
  seed: Seeds;
  /** Where the parameters are to lie, beside those of other networks. */
  arena?: Arena | undefined;
}

/** @throws UserError if the network is not for such data. */
export function networkOf(text: string, option: string, { shape, ...given }: NetworkOptions): StudyNetworks {
  const { trunk, extras } = trunkOf(text, option, { shape, ...given });
  return studyNetworks(withHead(trunk, { outputs: shape.outputs, extras }));
}

/**
 * Same seed, same trunk and first head, whether there is another head: methods differ in their loss alone.
 *
 * @param heads The names of its heads, one or two.
 * @param option Where its name comes from, for messages.
 */
export function studentOf(
  text: string,
  heads: readonly string[],
  { shape, ...given }: NetworkOptions,
  option = '--student',
): StudentNetworks {
  const { trunk, extras } = trunkOf(text, option, { shape, ...given });
  const head = { outputs: shape.outputs, extras };
  const [first, second] = heads as [string, string?];
  const model = second === undefined ? withHead(trunk, head) : withDualHead(trunk, head);
  const { parameters, buffers } = model;
  return {
    parameters,
    buffers,
    deployed: studyNetworks('labelOnly' in model ? model.labelOnly() : model),
    run(input, { training, taps: names = [] } = {}) {
      const { output, ...taps } = model.taps(input.x, [...names, 'output'], { ...extrasOf(input), training });
      if (second === undefined) return { heads: { [first]: output as Tensor }, taps };
      const { pred, teacherPred } = output as TwoHeads;
      return { heads: { [first]: pred, [second]: teacherPred }, taps };
    },
  };
}

/**
 * What each block of a network puts out for one sample, by name, without a device.
 *
 * @throws UserError if the network is not for such data.
 */
export function blockShapes(
  text: string,
  option: string,
  shape: InputShape,
): Readonly<Record<string, Shape>> {
  const { trunk } = trunkOf(text, option, { backend: openCpu(), shape, seed: 0 });
  return shapesOf(trunk.blocks);
}

/** What a network takes of memory, in numbers: its parameters, and what each layer and each block puts out for one sample. */
export interface NetworkSizes {
  readonly parameters: number;
  readonly outputs: readonly number[];
}

/** The same of one seed's network by its name, without a device. Throws UserError if it is not for such data. */
export function sizesOf(text: string, option: string, shape: InputShape): NetworkSizes {
  const { trunk } = trunkOf(text, option, { backend: openCpu(), shape, seed: 0 });
  const { parameters, outputs } = trunk.builder;
  const blocks = trunk.blocks.map((each) => sizeOf(each.shape));
  return { parameters: countOf(parameters), outputs: [...outputs, ...blocks] };
}

/** Copies of all tensors of one of several seeds' networks, to be saved; `index` counts along the first axis. */
export function tensorsOf(
  { parameters, buffers }: Pick<StudyNetworks, 'parameters' | 'buffers'>,
  index: number,
): { tensors: Named; dispose(): void } {
  const tensors = parametersOf({ ...parameters, ...buffers }, index);
  return {
    tensors,
    dispose() {
      for (const x of Object.values(tensors)) x.dispose();
    },
  };
}

/** The tensors of several seeds' networks as those of one side by side: with an axis of seeds in front. */
export function stacked(
  seeds: readonly ReadonlyMap<string, SafetensorsInput>[],
): Map<string, SafetensorsInput> {
  const stack = ([name, { shape, values }]: [string, SafetensorsInput]) => {
    const all = new (values.constructor as typeof Float64Array)(values.length * seeds.length);
    for (const [i, tensors] of seeds.entries()) all.set(tensors.get(name)!.values, i * values.length);
    return [name, { shape: [seeds.length, ...shape], values: all }] as const;
  };
  return new Map([...seeds[0]!].map(stack));
}

/** The mean of what several networks predict. */
export function meanOf(models: readonly Pick<StudyNetworks, 'forward'>[]): StudyNetworks['forward'] {
  return (input, options) => {
    const sum = models.map((model) => model.forward(input, options)).reduce((total, y) => add(total, y));
    return models.length > 1 ? mul(sum, 1 / models.length) : sum;
  };
}

export function disposeNetworks({
  parameters,
  buffers,
}: Pick<StudyNetworks, 'parameters' | 'buffers'>): void {
  for (const x of [...Object.values(parameters), ...Object.values(buffers)]) x.dispose();
}

function studyNetworks(model: Model): StudyNetworks {
  const { forward, taps, from, shapes, parameters, buffers, parameterCount, macs } = model;
  return {
    parameters,
    buffers,
    parameterCount,
    macs,
    forward: (input, options) => forward(input.x, { ...extrasOf(input), ...options }),
    taps: (input, names, options) => taps(input.x, names, { ...extrasOf(input), ...options }),
    from: (name, input, options) => from(name, input.x, { ...extrasOf(input), ...options }),
    shapes,
  };
}

function extrasOf({ extras }: NetworkInput): { extras?: Tensor } {
  return extras ? { extras } : {};
}

function trunkOf(
  text: string,
  option: string,
  { backend, shape, seed, arena }: NetworkOptions,
): { trunk: Trunk; extras: number } {
  const { inputs, extras } = shape;
  const spec = parseNetwork(text, option);
  if (spec.kind === 'mlp') {
    const { widths, activation } = spec;
    return { trunk: mlpTrunk({ backend, inputs, widths, activation, seed, arena }), extras };
  }
  if (isForImages(spec) && !shape.image) throw new UserError(notForTables(text, option));
  if (spec.kind === 'own') {
    const { network, size } = spec;
    const { image } = shape;
    const own = () => network.trunk({ backend, inputs, image, seed, arena }, size);
    return { trunk: explained(`${option} ${text}`, own), extras };
  }
  if (!shape.image) throw new UserError(notForTables(text, option));
  try {
    return { trunk: imageTrunkOf(spec, { backend, inputShape: shape.image, seed, arena }), extras };
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new UserError(`${option} ${text}: ${error.message}; see --size`, { cause: error });
  }
}

function imageTrunkOf(
  { kind, width }: ImageNetworkSpec,
  given: { backend: Backend; inputShape: ImageShape; seed: Seeds; arena: Arena | undefined },
): Trunk {
  if (kind === 'lenet') return lenetTrunk({ ...given, width });
  if (kind === 'mobilenet') return mobilenetTrunk({ ...given, width });
  if (kind === 'mobilenetv2') return mobilenetV2Trunk({ ...given, width });
  const [depth = 0, widening] = (kind.match(/\d+/g) ?? []).map(Number);
  if (kind.startsWith('resnet-cifar')) return resnetCifarTrunk({ ...given, width, depth });
  if (kind.startsWith('wrn')) return wideResnetTrunk({ ...given, width, depth, widening });
  return resnetTrunk({ ...given, width, depth });
}
