/** What a method without data works with, and the loss that it gives. */
import type { Tensor } from '../../engine/tensor.ts';
import type { Forward, Pair } from '../../losses/matching/ascend.ts';
import type { ImpressionHooks, ImpressionOptions } from './impression-network.ts';

/** What points are made for. */
export interface SyntheticContext extends Omit<ImpressionOptions, 'steps'> {
  /** Of the whole training. */
  readonly steps: number;
}

export interface SyntheticLoss {
  /** Trains what makes points, before the student; false if it was interrupted. */
  prepare?(teacher: Forward, hooks: ImpressionHooks): Promise<boolean>;
  /** As of `train`; `loss` is given it. */
  phaseOf?(done: number): string;
  /** What to minimise, (seeds); called once a step. */
  loss(pair: Pair, phase: string): Tensor;
  dispose(): void;
}
