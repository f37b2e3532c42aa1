/** What one setting has computed, as plain data: it goes through a pipe or out of a page, and no bit is lost. */
import type { MathMode } from '../kernels/math/math.ts';

/** The bits of float32 numbers, little-endian, in base64. */
export type Bits = string;

/** What every setting is to compute. */
export interface Task {
  math: MathMode;
  /** Of the teacher and of the student; image networks do at most 10. */
  steps: number;
  runs: readonly string[];
  /** Whether every op is tried, too. */
  ops: boolean;
}

/** A teacher and a student, from the first batch to the last weights. */
export interface Run {
  /** 'student label': the batches of all steps, one after another. */
  batches: Record<string, Bits>;
  /** 'teacher', 'student': the loss of every step. */
  losses: Record<string, Bits>;
  /** Final weights and running statistics by name. */
  weights: Record<string, Bits>;
}

export interface Measurement {
  adapter: string;
  isSoftware: boolean;
  /** 0 where there are no subgroups, and kernels that share loads are not used. */
  subgroupSize: number;
  runs: Record<string, Run>;
  /** By case: value, gradients and second gradients. */
  ops: Record<string, Record<string, Bits>>;
}

/** How far a setting is. */
export type OnProgress = (share: number, text: string) => void;

export function bitsOf(values: ArrayLike<number>): Bits {
  const bytes = new Uint8Array(Float32Array.from(values).buffer);
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** The numbers as integers: equal where the bits are. */
export function wordsOf(bits: Bits): Uint32Array {
  const bytes = Uint8Array.from(atob(bits), (character) => character.charCodeAt(0));
  return new Uint32Array(bytes.buffer);
}
