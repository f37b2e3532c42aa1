/** The step buffer: everything that changes from one training step to the next, written by the host before the step. */
import { STEP_SLOTS, type StepValues } from '../kernels/kernel.ts';

/** A number that kernels read from the step buffer: a learning rate, a loss weight, a batch offset. */
export interface StepSlot {
  /** Where kernels find it: the uniform they are given. */
  readonly index: number;
  readonly isFree: boolean;
  /** Gives the slot back. Twice is fine. */
  free(): void;
}

/** What records a step: a capture or a profile. */
export interface StepRecorder {
  /** Calls `hook` in every replay as well, once its step has begun. */
  onReplay(hook: () => void): void;
  /** A step begins within the step: what comes from now on is replayed after another has begun, too. */
  divide(): void;
  /** What the step does needs this slot. */
  uses(slot: StepSlot): void;
  /** Throws: a replay cannot do this. */
  forbid(what: string): never;
}

/** The step that is recorded at the moment; there are as many as backends. */
let recorded: Step | undefined;

/** What is done on another backend would not be replayed. */
export function checkRecorded(step: Step, what: string): void {
  if (recorded && recorded !== step) recorded.recorder!.forbid(`${what} on another backend`);
}

export function forbidInside(where: string, what: string): never {
  throw new Error(`${where}: ${what} inside the step, which a replay cannot do; do it between steps`);
}

/**
 * One a backend. Kernels read `number` (also the step part of the random counter) and up to 60 slots. Every other
 * uniform of a dispatch is constant for a run, so a recorded step can be replayed.
 */
export class Step implements StepValues {
  number = 0;
  #recorder: StepRecorder | undefined;
  /** Counts what left its place although a recorded step uses it: tensors disposed or moved, slots given back. */
  departures = 0;
  /** The training loop that has the step buffer; two at once would mix up their numbers. */
  owner: string | undefined;
  readonly #calls = new Map<string, number>();
  readonly values: Float64Array = new Float64Array(STEP_SLOTS);
  readonly #schedules: (((stepNumber: number) => number) | undefined)[] = [];
  readonly #write: (step: Step) => void;

  constructor(write: (step: Step) => void) {
    this.#write = write;
  }

  /**
   * Reserves a slot whose value before step n is `schedule(n)`.
   *
   * @throws when all 60 are taken, and inside a captured step. Its `index` throws once it was given back.
   */
  slot(schedule: (stepNumber: number) => number): StepSlot {
    this.#recorder?.forbid('a slot of the step buffer is made');
    let index = this.#schedules.indexOf(undefined);
    if (index < 0) index = this.#schedules.length;
    if (index >= STEP_SLOTS) throw new Error(`step: all ${STEP_SLOTS} slots are taken; dispose an optimiser`);
    this.#schedules[index] = schedule;
    // Right even before the first step begins, and never what an earlier owner left.
    this.values[index] = schedule(this.number);
    this.#write(this);
    let isFree = false;
    const usable = () => {
      if (isFree) throw new Error('step: the slot was given back with free(); make another');
      this.#recorder?.uses(slot);
      return index;
    };
    const slot: StepSlot = {
      get index() {
        return usable();
      },
      get isFree() {
        return isFree;
      },
      free: () => {
        // A second time it may be somebody else's.
        if (!isFree) this.#schedules[index] = undefined;
        isFree = true;
        this.departures++;
      },
    };
    return slot;
  }

  /** What a slot's schedule gives for a step, whichever is current. */
  valueAt(index: number, number: number): number {
    return this.#schedules[index]!(number);
  }

  /**
   * Begins step `number`, the next one if left out: evaluates every schedule and writes the buffer.
   *
   * @throws inside a captured step, which has been begun.
   */
  begin(number: number = this.number + 1): void {
    this.#recorder?.forbid(
      'a step begins (by step.begin(), which is not needed, or by another captured step)',
    );
    this.#begin(number);
  }

  /** Whoever records the present step. */
  get recorder(): StepRecorder | undefined {
    return this.#recorder;
  }

  /** Runs `f`, a step that `recorder` records. */
  recordBy<T>(recorder: StepRecorder, f: () => T): T {
    recorded?.recorder!.forbid('another step is recorded');
    // oxlint-disable-next-line no-this-alias -- the one that is recorded, of all
    recorded = this;
    this.#recorder = recorder;
    try {
      return f();
    } finally {
      recorded = this.#recorder = undefined;
    }
  }

  /** Begins another step within the present one, in every replay as well. */
  advance(): void {
    this.#recorder?.divide();
    this.#begin(this.number + 1);
  }

  #begin(number: number): void {
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

  /** While a step is captured: has `hook` called in each of its replays, once the step has begun. */
  onReplay(hook: () => void): void {
    this.#recorder?.onReplay(hook);
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
