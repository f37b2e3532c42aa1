/** Numbers that should be the same, and what is thrown where they are not. */
import type { Values } from '../backend.ts';

/** Two numbers that should be one. */
export interface Difference {
  /** 'gradient of order 1', 'fused value'. */
  readonly what: string;
  readonly element?: number;
  /** Number of the input that `element` counts in, of a derivative by it. */
  readonly input?: number;
  /** Arguments of that element, in words. */
  readonly at?: string;
  readonly got: number;
  readonly wanted: number;
}

/** What a check throws: the message for people, and the same as data. */
export class DifferenceError extends Error {
  readonly difference: Difference;

  constructor(message: string, difference: Difference) {
    super(message);
    this.difference = difference;
  }
}

/** Throws a DifferenceError unless |got - wanted| ≤ tolerance · max(1, largest |wanted|) everywhere. */
export function compareValues(what: string, got: Values, wanted: Values, tolerance: number): void {
  if (got.length !== wanted.length)
    throw new Error(`${what}: ${got.length} numbers, wanted ${wanted.length}`);
  let scale = 1;
  for (const value of wanted) scale = Math.max(scale, Math.abs(value));
  for (const [i, value] of wanted.entries()) {
    const error = Math.abs(got[i]! - value) / scale;
    if (!(error <= tolerance)) {
      throw new DifferenceError(
        `${what}: element ${i} is ${got[i]}, wanted ${value}; off by ${error}, allowed ${tolerance}`,
        { what, element: i, got: got[i]!, wanted: value },
      );
    }
  }
}

/** Throws unless each number is as wanted: NaN, the same infinity, or |got - wanted| ≤ tolerance · max(1, |wanted|). */
export function compareSpecial(what: string, got: Values, wanted: Values, tolerance: number): void {
  for (const [i, value] of wanted.entries()) {
    const isSame = got[i] === value || (Number.isNaN(got[i]) && Number.isNaN(value));
    if (isSame) continue;
    const error = Math.abs(got[i]! - value) / Math.max(1, Math.abs(value));
    if (error <= tolerance && error < Infinity) continue;
    throw new DifferenceError(`${what}: element ${i} is ${got[i]}, wanted ${value}`, {
      what,
      element: i,
      got: got[i]!,
      wanted: value,
    });
  }
}
