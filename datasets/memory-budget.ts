/** How much memory a file may still ask for: spent before it is taken. */

export class MemoryBudget {
  readonly #total: number;
  #left: number;

  constructor(bytes: number) {
    this.#total = bytes;
    this.#left = bytes;
  }

  /** Calls `fail` if less is left. */
  spend(bytes: number, fail: (problem: string) => never): void {
    if (bytes > this.#left)
      fail(
        `wants ${bytes} bytes of memory, ${this.#left} of ${this.#total} are left; raise maxBytes if you trust the file`,
      );
    this.#left -= bytes;
  }

  /** When what was spent is given back. */
  refund(bytes: number): void {
    this.#left += bytes;
  }
}
