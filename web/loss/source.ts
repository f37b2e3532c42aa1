/** A loss as somebody types it, and as it is understood. */
import type { Program } from './formula/formula.ts';

/** The texts of the form. */
export interface Fields {
  readonly name: string;
  /** 'pred, label' */
  readonly inputs: string;
  /** Inputs that gradients flow to: 'pred'. */
  readonly wrt: string;
  /** 'eps = 0.001, delta = 1' */
  readonly params: string;
  /** The meaning as a formula. */
  readonly composed: string;
  /** The body of a WGSL function. */
  readonly fused: string;
}

export type FieldName = keyof Fields;

/** What is wrong, at a place in the text of a field. */
export interface Problem {
  readonly field: FieldName;
  readonly from: number;
  readonly to: number;
  readonly message: string;
  readonly severity: 'error' | 'warning';
}

/** What the kernel needs. */
export interface Signature {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly wrt: readonly string[];
  readonly params: Readonly<Record<string, number>>;
  readonly fused: string;
}

/** A loss without an error that the page can see; the WGSL has not been compiled. */
export interface LossSource extends Signature {
  readonly program: Program;
  /** The formula as it was typed. */
  readonly composed: string;
}
