/**
 * Which of the GPU's objects turned out to be invalid. WebGPU says so later, and only the work that used one is lost: so what
 * is made is under suspicion until it is known, and whatever is computed from it.
 */

/** A pipeline, a buffer or commands, whose validity may not be known yet. */
export interface Suspect {
  /** Why it is invalid, once that is known. */
  error?: Error;
  isKnown: boolean;
}

const FILTERS: readonly GPUErrorFilter[] = ['validation', 'out-of-memory', 'internal'];

export class Faults {
  readonly #device: GPUDevice;
  readonly #report: (error: Error) => void;
  readonly #pending = new Set<Promise<void>>();
  #hasFailed = false;

  constructor(device: GPUDevice, report: (error: Error) => void) {
    this.#device = device;
    this.#report = report;
  }

  /** Whether anything was ever invalid. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /**
   * Runs `f`. If WebGPU finds fault with what it does, `suspect` gets the error that `explain` makes of it, which is reported to
   * whoever waits next, unless there is none: then the fault is another's, and known.
   */
  watch<T>(
    f: () => T,
    suspect: Suspect,
    explain: (message: string) => Error | undefined,
    filters: readonly GPUErrorFilter[] = FILTERS,
  ): T {
    for (const filter of filters) this.#device.pushErrorScope(filter);
    try {
      return f();
    } finally {
      const popped = Promise.all(filters.map(() => this.#device.popErrorScope()));
      const known = popped
        .then(
          (errors) => errors.find((error) => error !== null),
          () => undefined, // the device is lost, which others say
        )
        .then((found) => {
          suspect.isKnown = true;
          this.#pending.delete(known);
          if (!found) return;
          this.#hasFailed = true;
          const error = explain(found.message.trim());
          if (!error) return;
          suspect.error = error;
          this.#report(error);
        });
      this.#pending.add(known);
    }
  }

  /** When everything that was done so far is known to be valid or not. */
  async settled(): Promise<void> {
    if (this.#pending.size > 0) await Promise.all(this.#pending);
  }
}
