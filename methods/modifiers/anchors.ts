/** Which checkpoints of a teacher are the anchors of its students, and how hard each was for them. */
import { assign } from '../../engine/ops/movement/assign.ts';
import type { Backend } from '../../engine/backend.ts';
import { type Tensor, zeros } from '../../engine/tensor.ts';
import type { StudyNetworks } from '../../models/network.ts';
import type { Named } from '../../models/parameters.ts';
import type { StageHardness } from '../../train/training.ts';
import type { Choice, Route } from '../artifacts/route.ts';

export interface AnchorOptions {
  readonly backend: Backend;
  readonly seeds: number;
  /** Anchors; where they are chosen by hardness, at most. */
  readonly count: number;
  /** Anchors evenly apart, or by hardness: how much harder the next one may be than the present one was left. */
  readonly delta: number | undefined;
  readonly student: StudyNetworks['forward'];
}

/** What is found lies in tensors, so that a training that is taken up knows it. */
export class Anchors {
  readonly #route: Route;
  readonly #options: AnchorOptions;
  /** (seeds, anchors) each: 1 + the place of the checkpoint, 0 where none is chosen yet; and its hardness. */
  readonly #state: Readonly<Record<'chosen' | 'before' | 'after', Tensor>>;

  constructor(route: Route, options: AnchorOptions) {
    const { seeds, count, backend } = options;
    this.#route = route;
    this.#options = options;
    const made = () => zeros([seeds, count], backend, { label: 'anchors' });
    this.#state = { chosen: made(), before: made(), after: made() };
  }

  get state(): Named {
    return this.#state;
  }

  /** Of each seed the checkpoint that it learns from in stage `k`, chosen when it comes to that; its hardness is noted. */
  async arrive(k: number): Promise<Choice> {
    const known = await this.#read('chosen', k);
    if (known.every((one) => one > 0)) return known.map((one) => one - 1);
    const hardness = await this.#route.hardness(this.#options.student);
    const choice = await this.#choose(k, hardness);
    await this.#note('before', k, await hardness(choice));
    await this.#note(
      'chosen',
      k,
      choice.map((place) => place + 1),
    );
    return choice;
  }

  /** Notes what is left of its hardness. */
  async leave(k: number): Promise<void> {
    const choice = (await this.#read('chosen', k)).map((one) => one - 1);
    const hardness = await this.#route.hardness(this.#options.student);
    await this.#note('after', k, await hardness(choice));
  }

  /** Of each seed, anchor by anchor. */
  async hardness(names: readonly string[]): Promise<StageHardness[][]> {
    const { seeds } = this.#options;
    const parts = await Promise.all(
      names.map(async (stage, k) => {
        const [chosen, before, after] = await Promise.all([
          this.#read('chosen', k),
          this.#read('before', k),
          this.#read('after', k),
        ]);
        return { stage, chosen, before, after };
      }),
    );
    return Array.from({ length: seeds }, (_, i) =>
      parts.map(({ stage, chosen, before, after }) => {
        const share = this.#route.shares[chosen[i]! - 1]!;
        return { stage, share, before: before[i]!, after: after[i]! };
      }),
    );
  }

  dispose(): void {
    for (const x of Object.values(this.#state)) x.dispose();
  }

  async #choose(k: number, hardness: (choice: Choice) => Promise<readonly number[]>): Promise<Choice> {
    const { seeds, count, delta } = this.#options;
    const last = this.#route.shares.length - 1;
    if (delta === undefined || k === count - 1) {
      const place = Math.max(0, Math.round(((k + 1) * (last + 1)) / count) - 1);
      return Array<number>(seeds).fill(place);
    }
    if (k === 0) return Array<number>(seeds).fill(0);
    const from = (await this.#read('chosen', k - 1)).map((one) => one - 1);
    const present = await hardness(from);
    const next = from.map((place) => Math.min(place + 1, last));
    for (let j = Math.min(...next) + 1; j <= last; j++) {
      const of = await hardness(Array<number>(seeds).fill(j));
      for (const [i, hard] of of.entries())
        if (j > next[i]! && hard <= (1 + delta) * present[i]!) next[i] = j;
    }
    return next;
  }

  async #read(which: 'chosen' | 'before' | 'after', k: number): Promise<number[]> {
    const { seeds, count } = this.#options;
    const all = await this.#state[which].data();
    return Array.from({ length: seeds }, (_, i) => all[i * count + k]!);
  }

  async #note(which: 'chosen' | 'before' | 'after', k: number, values: readonly number[]): Promise<void> {
    const { count } = this.#options;
    const x = this.#state[which];
    const all = Float64Array.from(await x.data());
    for (const [i, value] of values.entries()) all[i * count + k] = value;
    assign(x, Float32Array.from(all));
  }
}
