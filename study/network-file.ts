/** The file of a network that a study has saved, read and checked without the engine: what cannot be one is refused at once. */
import { decodeSafetensors, SafetensorsError, type SafetensorsTensor } from '../engine/files/safetensors.ts';
import { UserError } from '../base/errors.ts';
import { type NetworkSpec, parseNetwork } from '../models/network-spec.ts';
import { codingOf } from '../tasks/coding.ts';
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

/** @throws UserError, which begins with `where`, for a broken file and for one that no study has saved. */
export function readNetwork(bytes: Uint8Array, where: string): SavedNetwork {
  try {
    const { tensors, metadata } = decodeSafetensors(bytes);
    const description = readDescription(metadata, where);
    const { folds } = description;
    // Before a list of them is made: each has tensors of its own.
    if (folds > tensors.size)
      throw new UserError(`${where} says that it holds ${folds} networks, and has ${tensors.size} tensors`);
    const saved = { where, description, networks: folds === 1 ? [tensors] : foldsOf(tensors, folds) };
    checkSizes(saved);
    return saved;
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
 * Refuses a network whose layers are larger than what the file holds of them, before anything is made for them: what a file
 * says of itself costs nothing.
 */
function checkSizes({
  where,
  description: { network, inputs, image, targets },
  networks,
}: SavedNetwork): void {
  const spec = parseNetwork(network, where);
  const shown = network.length > 100 ? `${network.slice(0, 100)}…` : network;
  const fail = (what: string) => {
    throw new UserError(`${where}: ${what}; its tensors are not those of ${shown}`);
  };
  // As in `--size`.
  if (image && Math.max(image.height, image.width) > MOST_PIXELS)
    fail(`images of ${image.width}x${image.height} pixels, more than ${MOST_PIXELS} either way`);
  const held = (tensors: ReadonlyMap<string, SafetensorsTensor>) =>
    [...tensors.values()].reduce((sum, { values }) => sum + values.length, 0);
  const wanted = leastNumbers(spec, {
    inputs: inputs.names.length,
    outputs: codingOf(targets).outputs,
    image,
  });
  for (const tensors of networks) {
    const count = held(tensors);
    if (count < wanted) fail(`it holds ${count} numbers of a network that has at least ${wanted}`);
  }
}

/** Of an MLP all, of a user's own nobody knows; of the others what their largest layers and their outputs have at least. */
function leastNumbers(
  spec: NetworkSpec,
  { inputs, outputs, image }: { inputs: number; outputs: number; image: NetworkDescription['image'] },
): number {
  if (spec.kind === 'own') return 0;
  if (spec.kind === 'mlp') {
    let [sum, before] = [0, image ? pixelsOf(image) : inputs];
    for (const width of spec.widths) {
      sum += (before + 1) * width;
      before = width;
    }
    return sum + (before + 1) * outputs;
  }
  const { kind, width } = spec;
  if (kind !== 'lenet')
    return (
      outputs + Math.floor((kind === 'mobilenet' ? 4000 : 9 * 64 ** 2) * Math.min(width, width ** 2) * 0.5)
    );
  const pooled = (length: number) => Math.max(0, Math.floor((Math.floor((length - 4) / 2) - 4) / 2));
  const features = Math.floor(50 * width) * pooled(image?.height ?? 0) * pooled(image?.width ?? 0);
  return (features + outputs) * Math.floor(500 * width);
}

/** Numbers of an image of all channels. */
export function pixelsOf({ channels = 1, height, width }: NonNullable<NetworkDescription['image']>): number {
  return channels * height * width;
}
