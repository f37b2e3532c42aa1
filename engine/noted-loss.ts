/** Which losses are one fused kernel, and of what: for those that compute whole steps. */
import type { StepSlot } from './step.ts';
import type { Tensor } from './tensor.ts';

export interface NotedLoss {
  /** Names of its inputs, which are among what it was given. */
  readonly inputs: readonly string[];
  readonly given: Readonly<Record<string, Tensor>>;
  readonly wrt: readonly string[];
  /** Of every parameter. */
  readonly values: Readonly<Record<string, number | StepSlot>>;
  /** WGSL of one element; see `FusedLossOptions`. */
  readonly element: string;
}

const noted = new WeakMap<Tensor, NotedLoss>();

export function noteLoss(y: Tensor, loss: NotedLoss): void {
  noted.set(y, loss);
}

/** Undefined for what is no such loss, or more than it. */
export function notedLoss(y: Tensor): NotedLoss | undefined {
  return noted.get(y);
}
