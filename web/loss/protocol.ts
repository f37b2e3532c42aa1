/** What the loss tab and its worker say to each other. Types only. */
import type { LossTiming } from '../../bench/time-loss.ts';
import type { Difference } from '../../engine/check/difference.ts';
import type { LossSource, Problem, Signature } from './source.ts';

/** A loss along one of its inputs, the others fixed. */
export interface CurveRequest {
  readonly along: string;
  readonly from: number;
  readonly to: number;
  readonly others: Readonly<Record<string, number>>;
}

/** Values and derivatives at the points `x`; NaN where there is none. */
export interface Curves {
  readonly along: string;
  readonly x: ArrayLike<number>;
  readonly composed: Curve;
  /** Left out while the WGSL cannot be run. */
  readonly fused?: Curve;
}

export interface Curve {
  readonly value: ArrayLike<number>;
  readonly slope: ArrayLike<number>;
}

export type Order =
  /** Compiles the WGSL, and draws what can be drawn; every order but the last of this kind may go unanswered. */
  | { type: 'inspect'; id: number; signature: Signature; source?: LossSource; curve: CurveRequest }
  /** Checks, and times what is right. */
  | { type: 'check'; id: number; source: LossSource };

export type News =
  | { type: 'ready'; adapter: string }
  | { type: 'no-webgpu' }
  /** `notDrawn`: why the fused curve is missing. */
  | { type: 'inspected'; id: number; problems: readonly Problem[]; curves?: Curves; notDrawn?: string }
  /** The titles of all checks, before the first. */
  | { type: 'checks'; id: number; titles: readonly string[] }
  | { type: 'checked'; id: number; index: number; failure?: Difference }
  | { type: 'timing'; id: number; shape: readonly number[] }
  | { type: 'timed'; id: number; timing: LossTiming }
  | { type: 'finished'; id: number }
  /** An order that could not be carried out. */
  | { type: 'failed'; id: number; message: string };
