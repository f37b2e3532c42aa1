/** Networks that a study has saved: read, checked, and run again on data of the user's. */
import { type Samples, standardise } from '../datasets/dataset.ts';
import type { Backend } from '../engine/backend.ts';
import { CheckpointError, loadTensors } from '../engine/files/checkpoint.ts';
import { openCpu } from '../engine/cpu.ts';
import {
  decodeSafetensors,
  encodeSafetensors,
  SafetensorsError,
  type SafetensorsTensor,
} from '../engine/files/safetensors.ts';
import { UserError } from '../base/errors.ts';
import { predict, type PredictionHooks } from './data/evaluate.ts';
import { pictureInputs, tableInputs } from './data/inputs.ts';
import { codingOf } from '../tasks/coding.ts';
import { disposeNetworks, meanOf, networkOf } from '../models/network.ts';
import { type NetworkSpec, parseNetwork } from '../models/network-spec.ts';
import { type NetworkDescription, readDescription } from './network-description.ts';

export interface SavedNetwork {
  /** The file, for messages. */
  readonly where: string;
  readonly description: NetworkDescription;
  /** One network, or those of several folds. */
  readonly networks: readonly ReadonlyMap<string, SafetensorsTensor>[];
}

/** Of images, either way: as many as a study may ask for. */
const MOST_PIXELS = 2048;

/** Rows to predict for, in the data's own units. */
export type GivenRows = Pick<Samples, 'x' | 'extras'>;

/** @throws UserError, which begins with `where`, for a broken file and for one that no study has saved. */
export function readNetwork(bytes: Uint8Array, where: string): SavedNetwork {
  try {
    const { tensors, metadata } = decodeSafetensors(bytes);
    const description = readDescription(metadata, where);
    const { folds } = description;
    // Before a list of them is made: each has tensors of its own.
    if (folds > tensors.size)
      throw new UserError(`${where} says that it holds ${folds} networks, and has ${tensors.size} tensors`);
    return { where, description, networks: folds === 1 ? [tensors] : foldsOf(tensors, folds) };
  } catch (error) {
    if (!(error instanceof SafetensorsError)) throw error;
    throw new UserError(`${where} is no safetensors file, or damaged: ${error.message}`, { cause: error });
  }
}

/** By the `fold.N.` that names begin with; what begins otherwise is nobody's, and missed by nobody. */
function foldsOf<T>(tensors: ReadonlyMap<string, T>, folds: number): Map<string, T>[] {
  const networks = Array.from({ length: folds }, () => new Map<string, T>());
  for (const [name, x] of tensors) {
    const [prefix = '', fold] = /^fold\.(\d+)\./.exec(name) ?? [];
    if (prefix === `fold.${Number(fold)}.`) networks[Number(fold)]?.set(name.slice(prefix.length), x);
  }
  return networks;
}

/**
 * What the network predicts, rows × targets in the targets' own units; of classes rows × logits.
 *
 * @throws UserError if numbers and network do not belong together.
 */
export async function predictRows(
  saved: SavedNetwork,
  rows: GivenRows,
  backend: Backend,
  hooks: PredictionHooks = {},
): Promise<Float64Array> {
  const { inputs, image, extras, targets } = saved.description;
  const models = open(saved, backend);
  const given = image
    ? pictureInputs(
        {
          pixels: rows.x as Uint8Array,
          size: pixelsOf(image),
          scale: inputs,
          extras: extras && standardise(rows.extras!, extras),
        },
        backend,
      )
    : tableInputs([standardise(rows.x, inputs)], inputs.names.length, backend);
  try {
    return (await predict(meanOf(models), given, [codingOf(targets)], hooks))[0]!;
  } finally {
    given.dispose();
    models.forEach(disposeNetworks);
  }
}

/** @throws UserError unless the file has all tensors of the network that it says it holds, and no others. */
export function checkTensors(saved: SavedNetwork): void {
  open(saved, openCpu()).forEach(disposeNetworks);
}

/**
 * Refuses a network whose layers are larger than what the file holds of them, before anything is made for them: what a file
 * says of itself costs nothing.
 */
function checkSizes({ where, description: { network, inputs, image }, networks }: SavedNetwork): void {
  const spec = parseNetwork(network, where);
  const fail = (what: string) => {
    throw new UserError(`${where}: ${what}; its tensors are not those of ${network}`);
  };
  // As in `--size`.
  if (image && Math.max(image.height, image.width) > MOST_PIXELS)
    fail(`images of ${image.width}x${image.height} pixels, more than ${MOST_PIXELS} either way`);
  const held = (tensors: ReadonlyMap<string, SafetensorsTensor>) =>
    [...tensors.values()].reduce((sum, { values }) => sum + values.length, 0);
  const wanted = leastNumbers(spec, { inputs: inputs.names.length, image });
  for (const tensors of networks) {
    const count = held(tensors);
    if (count < wanted) fail(`it holds ${count} numbers of a network that has at least ${wanted}`);
  }
}

/** Of an MLP all but the heads'; of the others what their largest layers have at least. */
function leastNumbers(
  spec: NetworkSpec,
  { inputs, image }: { inputs: number; image: NetworkDescription['image'] },
): number {
  if (spec.kind === 'mlp') {
    let [sum, before] = [0, image ? pixelsOf(image) : inputs];
    for (const width of spec.widths) {
      sum += (before + 1) * width;
      before = width;
    }
    return sum;
  }
  const { kind, width } = spec;
  if (kind !== 'lenet')
    return Math.floor((kind === 'mobilenet' ? 4000 : 9 * 64 ** 2) * Math.min(width, width ** 2) * 0.5);
  const pooled = (length: number) => Math.max(0, Math.floor((Math.floor((length - 4) / 2) - 4) / 2));
  const features = Math.floor(50 * width) * pooled(image?.height ?? 0) * pooled(image?.width ?? 0);
  return features * Math.floor(500 * width);
}

function pixelsOf({ channels = 1, height, width }: NonNullable<NetworkDescription['image']>): number {
  return channels * height * width;
}

function open({ where, description, networks }: SavedNetwork, backend: Backend) {
  const { network, inputs, image, extras, targets } = description;
  const shape = {
    inputs: image ? pixelsOf(image) : inputs.names.length,
    outputs: codingOf(targets).outputs,
    extras: extras?.names.length ?? 0,
    image: image && ([image.channels ?? 1, image.height, image.width] as const),
  };
  checkSizes({ where, description, networks });
  return networks.map((tensors) => {
    const model = networkOf(network, where, { backend, shape, seed: 0 });
    try {
      loadTensors({ ...model.parameters, ...model.buffers }, encodeSafetensors(tensors));
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      throw new UserError(`${where}: its tensors are not those of ${network}: ${error.message}`, {
        cause: error,
      });
    }
    return model;
  });
}
