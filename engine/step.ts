/** The step buffer: everything that changes from one training step to the next, written by the host before the step. */
import { STEP_SLOTS, type StepValues } from '../kernels/kernel.ts';

/** A number that kernels read from the step buffer: a learning rate, a loss weight, a batch offset. */
export interface StepSlot {
  /** Where kernels find it: the uniform they are given. */
  readonly index: number;
  /** Gives the slot back. */
  free(): void;
}

/**
 * One a backend. Kernels read `number` (also the step part of the random counter) and up to 60 slots. Every other
 * uniform of a dispatch is constant for a run, so a recorded step can be replayed.
 */
export class Step implements StepValues {
  number = 0;
  /** What JavaScript has to do at every replay of the step that is being captured. */
  hooks: (() => void)[] | undefined;
  /** The training loop that has the step buffer; two at once would mix up their numbers. */
  owner: string | undefined;
  readonly #calls = new Map<string, number>();
  readonly values: Float64Array = new Float64Array(STEP_SLOTS);
  readonly #schedules: (((stepNumber: number) => number) | undefined)[] = [];
  readonly #write: (step: Step) => void;

  constructor(write: (step: Step) => void) {
    this.#write = write;
  }

  /** Reserves a slot whose value before step n is `schedule(n)`. Throws when all 60 are taken. */
  slot(schedule: (stepNumber: number) => number): StepSlot {
    let index = this.#schedules.indexOf(undefined);
    if (index < 0) index = this.#schedules.length;
    if (index >= STEP_SLOTS) throw new Error(`step: all ${STEP_SLOTS} slots are taken; dispose an optimiser`);
    this.#schedules[index] = schedule;
    // Right even before the first step begins, and never what an earlier owner left.
    this.values[index] = schedule(this.number);
    this.#write(this);
    return {
      index,
      free: () => {
        this.#schedules[index] = undefined;
      },
    };
  }

  /** Begins step `number`, the next one if left out: evaluates every schedule and writes the buffer. */
  begin(number: number = this.number + 1): void {
    this.#calls.clear();
    this.rewrite(number);
  }

  /** The same within a step: draws of random numbers are counted on. */
  rewrite(number: number): void {
    this.number = number;
    for (const [index, schedule] of this.#schedules.entries()) {
      if (schedule) this.values[index] = schedule(number);
    }
    this.#write(this);
  }

  /** Numbers the draws of random numbers for one purpose within a step, so that no two dropouts share a mask. */
  nextCall(purpose = ''): number {
    const call = this.#calls.get(purpose) ?? 0;
    this.#calls.set(purpose, call + 1);
    return call;
  }

  /** While a step is captured: has `hook` called before each of its replays, once the step has begun. */
  onReplay(hook: () => void): void {
    this.hooks?.push(hook);
  }

  /** Back to before the first step, which a run begins with: random counters and schedules follow the number. */
  reset(): void {
    this.begin(0);
  }

  /** The 256 bytes that the GPU sees: the number, padding, the slots as float32. */
  toBytes(): ArrayBuffer {
    const bytes = new ArrayBuffer(16 + STEP_SLOTS * 4);
    new Uint32Array(bytes, 0, 1)[0] = this.number;
    new Float32Array(bytes, 16).set(this.values);
    return bytes;
  }
}
