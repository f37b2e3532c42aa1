/** What a tensor knows of how it was computed. `T` is `Tensor`, which has such a node: neither file imports the other. */
import type { FusedActivation } from '../kernels/matmul/matmul-options.ts';

/**
 * The vector-Jacobian product of an op: the output's cotangent `g` to one cotangent an input. It is made of ops, so
 * that it can be differentiated again. `needs[i]` says whether input i is wanted; anything may be returned where not.
 */
export type VjpOf<T> = (g: T, needs: readonly boolean[], way?: WayOf<T>) => readonly (T | undefined)[];

/** What a VJP may save: passes over a cotangent that the dispatch which computes it can do as well. */
export interface WayOf<T> {
  /** `g` has been taken through the op's own `gate` already. */
  readonly isUngated: boolean;
  /** For each input; undefined where there is nothing to save. */
  readonly next: readonly (DestinationOf<T> | undefined)[];
}

/** An input that an op with a gate has computed, and whose last cotangent is being asked for. */
export interface DestinationOf<T> {
  /** Sum of the other cotangents. */
  readonly sum: T | undefined;
  readonly gate: FusedActivation;
  /** To be set by a VJP which has added `sum` and gone back through the gate. */
  isReached: boolean;
}

export interface TapeNodeOf<T> {
  readonly op: string;
  readonly inputs: readonly T[];
  /** In-place writes that each input had seen. */
  readonly versions: readonly number[];
  /** The same of the output, which many a VJP uses. */
  readonly outputVersion: number;
  readonly vjp: VjpOf<T>;
  /** The op ends in this activation, and its VJP begins with the activation's gradient. */
  readonly gate: FusedActivation | undefined;
}
