/** Named quantities from a run of uniform numbers, in arithmetic that every engine does alike. */

/** Uniform numbers of which a bell curve is the sum. */
const BELL = 12;

/** Takes numbers of a list one after another, from `start` to before `end`. */
export class Draws {
  readonly #values: ArrayLike<number>;
  readonly #end: number;
  #at: number;

  constructor(values: ArrayLike<number>, start = 0, end = values.length) {
    this.#values = values;
    this.#at = start;
    this.#end = end;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    if (this.#at >= this.#end) throw new RangeError(`draws: all ${this.#end} numbers are taken`);
    return low + (high - low) * this.#values[this.#at++]!;
  }

  /**
   * Nearly normal: a sum of twelve uniform numbers (Irwin and Hall). No logarithm, so no engine differs; never more than
   * six deviations away.
   */
  normal(mean: number, deviation: number): number {
    let sum = -BELL / 2;
    for (let i = 0; i < BELL; i++) sum += this.between(0, 1);
    return mean + deviation * sum;
  }

  chance(share: number): boolean {
    return this.between(0, 1) < share;
  }
}
