/**
 * Waiting for a software adapter in Node without taking the processor from it. The `webgpu` package asks Dawn at every turn of
 * the event loop whether something is done, so that a wait keeps one core busy, and a software adapter wants them all. Here the
 * thread pauses for a moment at each turn. Other callbacks of the process have their turn between two pauses.
 */

/** A pause is this share of what was waited so far, so that it adds as much to a wait at most. */
const SHARE = 1 / 16;
/** Or this many milliseconds, if that is less. */
const MOST_MS = 1;
/** A shorter pause is over before the processor has done something else. */
const LEAST_MS = 0.02;
/**
 * Milliseconds of a dispatch. Between shorter ones a core that nobody keeps awake falls asleep, and to wake it takes longer than
 * they do.
 */
const SLOW_MS = 0.1;

/** Of one device. */
export class Patience {
  readonly #isWanted: boolean;
  #dispatches = 0;
  #since: number | undefined;
  #isSlow = false;

  /** @param isWanted Whether waits are to be paused at all: of a software adapter in Node. */
  constructor(isWanted: boolean) {
    this.#isWanted = isWanted;
  }

  /** Work was handed over. */
  submitted(): void {
    this.#since ??= performance.now();
  }

  /** Awaits the end of all work; `dispatches` so far tell how long each took, and so whether the next wait is paused. */
  async during<T>(promise: Promise<T>, dispatches: number): Promise<T> {
    const end = this.#isWanted && this.#isSlow ? rest() : undefined;
    try {
      return await promise;
    } finally {
      end?.();
      const count = dispatches - this.#dispatches;
      if (count > 0 && this.#since !== undefined)
        this.#isSlow = performance.now() - this.#since > count * SLOW_MS;
      this.#dispatches = dispatches;
      this.#since = undefined;
    }
  }
}

let waits = 0;
let began = 0;
let isResting = false;
let never: Int32Array<SharedArrayBuffer> | undefined;

/** The thread pauses at every turn of the event loop until the function that this returns is called. */
function rest(): () => void {
  if (waits++ === 0) began = performance.now();
  if (!isResting) turn();
  return () => void waits--;
}

function turn(): void {
  const { setImmediate } = globalThis as unknown as { setImmediate(callback: () => void): void };
  never ??= new Int32Array(new SharedArrayBuffer(4));
  isResting = waits > 0;
  if (!isResting) return;
  const pause = Math.min((performance.now() - began) * SHARE, MOST_MS);
  if (pause >= LEAST_MS) Atomics.wait(never, 0, 0, pause);
  setImmediate(turn);
}
