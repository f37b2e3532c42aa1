/** Networks of a user's own, by name: as if they stood among the library's in `network-spec.ts`. */
import type { Backend } from '../engine/backend.ts';
import type { Arena } from '../engine/optim/arena.ts';
import type { ImageShape } from './image-layers.ts';
import type { Seeds } from './parameters.ts';
import type { Trunk } from './trunk.ts';

/** What a trunk is built with. */
export interface TrunkGiven {
  readonly backend: Backend;
  /** Numbers a row; of images their pixels. */
  readonly inputs: number;
  /** Of images (channels, height, width). */
  readonly image: ImageShape | undefined;
  /** A list makes networks side by side: `ParameterBuilder` takes either. */
  readonly seed: Seeds;
  /** Where parameters are to lie, beside those of other networks: for `ParameterBuilder`, too. */
  readonly arena: Arena | undefined;
}

export interface NetworkKind {
  readonly name: string;
  /** Images are trained a seed at a time: (rows, channels, height, width). */
  readonly isOfImages: boolean;
  /**
   * A network without its last layer, which the study adds: one head or two. The same seed and order of parameters make the same
   * initial numbers.
   *
   * @param size What follows the name, as in 'gated:32'; '' without.
   */
  trunk(given: TrunkGiven, size: string): Trunk;
}

const kinds = new Map<string, NetworkKind>();

/** A second one of a name takes the place of the first. */
export function addNetworkKind(kind: NetworkKind): void {
  kinds.set(kind.name, kind);
}

export function ownNetwork(name: string): NetworkKind | undefined {
  return kinds.get(name);
}
