/** What the kernel of a whole training is made for: a small network, its loss, its optimiser, and how lanes stand. */
import type { UpdateText } from '../training/optimizer.ts';
import type { SmallActivation } from './activations.ts';

/** Lanes of a seed: one subgroup. */
export type Lanes = 4 | 8;

/** Rows that go through the network at once: more of them are more sums side by side, and a longer text to compile. */
export type Turn = 1 | 2 | 4;

/** A linear layer and its activation. `weight` and `bias` are places in the list of parameters. */
export interface HiddenLayer {
  readonly width: number;
  readonly activation: SmallActivation;
  readonly weight: number;
  readonly bias: number;
}

/** A linear layer that puts out what is predicted. */
export interface Head {
  readonly weight: number;
  readonly bias: number;
}

export interface SmallNetwork {
  readonly inputs: number;
  /** One at least. */
  readonly hidden: readonly HiddenLayer[];
  /** One or two, on the last hidden layer. */
  readonly heads: readonly Head[];
  /** Of each head. */
  readonly outputs: number;
}

/** What an input of a loss is: a head of the network, or a column of the batch, by number; column 0 is the network's input. */
export type LossInput = { readonly head: number } | { readonly column: number };

/** A pointwise loss, as `defineLoss` knows it; see `FusedLossOptions` for `element`. */
export interface RowLoss {
  readonly name: string;
  readonly inputs: Readonly<Record<string, LossInput>>;
  /** The inputs that are heads. */
  readonly wrt: readonly string[];
  readonly params: readonly string[];
  /** Those of them that a schedule gives. */
  readonly stepParams: readonly string[];
  readonly element: string;
}

export interface SmallTraining {
  readonly network: SmallNetwork;
  readonly loss: RowLoss;
  readonly update: UpdateText;
  /** Whether gradients are clipped by their norm. */
  readonly isClipped: boolean;
  /** Rows of a batch. */
  readonly batch: number;
  readonly lanes: Lanes;
  readonly turn: Turn;
}

/** 0, 1, …, count - 1. */
export function range(count: number): number[] {
  return [...Array(count).keys()];
}

/** Numbers of one seed's parameters. */
export function parametersOf({ inputs, hidden, heads, outputs }: SmallNetwork): number {
  let count = 0;
  let before = inputs;
  for (const { width } of hidden) {
    count += (before + 1) * width;
    before = width;
  }
  return count + heads.length * (before + 1) * outputs;
}
