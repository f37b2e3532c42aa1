/** What a method without data works with, and the loss that it gives. */
import type { Tensor } from '../engine/tensor.ts';
import type { Forward, Pair } from '../losses/matching/ascend.ts';
import type { Ramp } from '../train/ramp.ts';
import type { ImpressionHooks, ImpressionOptions } from './impression-network.ts';

/** What points are made for, and how the study wants them. */
export interface SyntheticContext extends Omit<ImpressionOptions, 'steps'> {
  /** Weight of the points that are sought, the rest of 1 being that of normal ones. */
  readonly sought: Ramp;
  /** Of 'direct': steps uphill, and their length in deviations of the inputs. */
  readonly directSteps: number;
  readonly directSize: number;
  /** Of 'generator': a student's steps for each of the generator's. */
  readonly generatorEvery: number;
  /** Of 'impressions': steps of its network, before the student. */
  readonly impressionSteps: number;
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
