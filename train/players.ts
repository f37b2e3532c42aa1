/** The players of one training: they share a latch, so that a seed stops as a whole, and are read and disposed together. */
import type { Backend } from '../engine/backend.ts';
import type { Parameters } from '../engine/optim/options.ts';
import { type Player, player, type PlayerOptions } from '../engine/optim/player.ts';

export interface PlayersOptions {
  readonly backend: Backend;
  /** Models side by side; undefined for one without an axis of seeds. */
  readonly seeds: number | undefined;
}

export class Players {
  readonly #options: PlayersOptions;
  readonly #all: Player[] = [];

  constructor(options: PlayersOptions) {
    this.#options = options;
  }

  get all(): readonly Player[] {
    return this.#all;
  }

  /** A player over some parameters; see `player`. If a gradient of any is not finite, all of that seed stop. */
  make(parameters: Parameters | readonly Parameters[], options: PlayerOptions = {}): Player {
    const [first] = this.#all;
    const { seeds } = this.#options;
    const made = player(parameters, { seeds, ...(first ? { stopsWith: first } : {}), ...options });
    this.#all.push(made);
    return made;
  }

  /** To be called where the backend's steps go on at another number: updates are counted from there. */
  restart(): void {
    for (const each of this.#all) {
      const { updates } = each;
      each.updates = updates;
    }
  }

  /** Of each model the step of the backend in which an update was skipped first, or 0. */
  async skippedSteps(): Promise<readonly number[]> {
    const [first] = this.#all;
    return first ? first.firstSkippedSteps() : Array<number>(this.#options.seeds ?? 1).fill(0);
  }

  dispose(): void {
    for (const each of this.#all.toReversed()) each.dispose();
  }
}
