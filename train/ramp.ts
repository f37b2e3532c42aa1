/** Numbers that may change over a training: '1:0.1' goes evenly from 1 to 0.1, which the last step has. */
import type { Option } from '../base/option.ts';
import type { Backend } from '../engine/backend.ts';
import type { StepSlot } from '../engine/step.ts';

/** One number throughout, or from one to another. */
export type Ramp = number | `${number}:${number}`;

export function ramp(declaration: Omit<Option<Ramp>, 'kind'>): Option<Ramp> {
  return { kind: 'ramp', ...declaration };
}

/** In step 1 to `steps`: a step's share of the way is done in it, so that the last one has the second number. */
export function valueAt(number: Ramp, step: number, steps: number): number {
  if (typeof number === 'number') return number;
  const [from, to] = number.split(':').map(Number) as [number, number];
  return from + (to - from) * Math.min(1, step / steps);
}

/** Random numbers follow the step's number: those of a stage begin so far from those of the one before. */
export const STAGE_STREAMS = 2 ** 27;

/** Slots of the step buffer for the ramps of one training, which each of its stages goes through; numbers stay numbers. */
export class RampSlots {
  readonly #backend: Backend;
  /** Of the present stage. */
  steps: number;
  readonly #slots: StepSlot[] = [];

  constructor(backend: Backend, steps: number) {
    this.#backend = backend;
    this.steps = steps;
  }

  of(number: Ramp): number | StepSlot {
    if (typeof number === 'number') return number;
    const slot = this.#backend.step.slot((step) => valueAt(number, step % STAGE_STREAMS, this.steps));
    this.#slots.push(slot);
    return slot;
  }

  free(): void {
    for (const slot of this.#slots) slot.free();
  }
}
