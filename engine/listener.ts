/** Who hears of what the engine does: a profile, while it watches a step; nobody otherwise, at no cost. */
import { checkFunction } from './borders.ts';
import type { Kernel } from '../kernels/kernel.ts';
import type { TapeNodeOf } from './tape-node.ts';
import type { Tensor } from './tensor.ts';

export interface Listener {
  /** After every dispatch that a backend was given. */
  dispatched(kernel: Kernel, inputs: readonly Tensor[], outputs: readonly Tensor[]): void;
  /** After every op, recorded or not. */
  computed(op: string, y: Tensor, inputs: readonly Tensor[]): void;
  /** Before the vector-Jacobian product of the op that made `output`. */
  entersBackward(output: Tensor, node: TapeNodeOf<Tensor>): void;
  /** After it, and after its cotangents were added to those of other paths. */
  leavesBackward(): void;
}

export const listening: {
  to: Listener | undefined;
  layer: string | undefined;
  /** What is being computed by a kernel of which there are several; see `variants.ts`. */
  variant: string | undefined;
} = { to: undefined, layer: undefined, variant: undefined };

/**
 * Names the layer whose ops `f` runs, for profiles; the innermost name counts. Without it an op belongs to the layer
 * that its parameters are named after ('trunk.0.weight' → trunk.0), and an op without parameters is its own layer.
 */
export function layer<T>(name: string, f: () => T): T {
  checkFunction('layer', `what '${name}' runs`, f);
  const outer = listening.layer;
  listening.layer = name;
  try {
    return f();
  } finally {
    listening.layer = outer;
  }
}
