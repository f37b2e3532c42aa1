/** Which layer each dispatch of a step belongs to, and in which direction. */
import type { Kernel } from '../../kernels/kernel.ts';
import { type Listener, listening } from '../listener.ts';
import type { TapeNode } from '../tape.ts';
import type { Tensor } from '../tensor.ts';
import type { Storage } from '../storage.ts';

/** 'other' is what no op dispatched: batches, optimisers, metrics. */
export type Direction = 'forward' | 'backward' | 'other';

export interface Origin {
  readonly kernel: string;
  /** 'trunk.0'; the op's name for an op without parameters; empty for 'other'. */
  layer: string;
  direction: Direction;
}

interface Dispatched {
  readonly origin: Origin;
  readonly inputs: readonly Storage[];
  readonly outputs: readonly Storage[];
}

/** Runs `f` and returns where each of its dispatches comes from, in their order. */
export function originsOf(f: () => void): Origin[] {
  const attribution = new Attribution();
  const before = listening.to;
  listening.to = attribution;
  try {
    f();
  } finally {
    listening.to = before;
  }
  return attribution.origins;
}

class Attribution implements Listener {
  readonly #dispatches: Dispatched[] = [];
  /** Layer of every op's result, for the backward pass. */
  readonly #layers = new WeakMap<Tensor, string>();
  /** Layers of what was made of parameters alone, such as a weight in another shape. */
  readonly #derived = new WeakMap<Tensor, string>();
  /** The op whose backward pass runs: the outermost, since a fused one may differentiate its meaning inside. */
  #backward: string | undefined;
  #depth = 0;

  get origins(): Origin[] {
    return this.#dispatches.map(({ origin }) => origin);
  }

  dispatched({ name }: Kernel, inputs: readonly Tensor[], outputs: readonly Tensor[]): void {
    const isBackward = this.#backward !== undefined;
    this.#dispatches.push({
      origin: { kernel: name, layer: this.#backward ?? '', direction: isBackward ? 'backward' : 'other' },
      inputs: inputs.map((x) => x.storage),
      outputs: outputs.map((x) => x.storage),
    });
  }

  computed(op: string, y: Tensor, inputs: readonly Tensor[]): void {
    const own = inputs.map((x) => this.#parameterLayer(x));
    const parameter = own.find((name) => name !== undefined);
    if (parameter !== undefined && own.every((name) => name !== undefined)) this.#derived.set(y, parameter);
    const layer = listening.layer ?? parameter ?? op;
    this.#layers.set(y, layer);
    if (this.#backward === undefined) this.#claim(layer, y, inputs);
  }

  entersBackward(output: Tensor, { op, inputs }: TapeNode): void {
    this.#depth++;
    const parameter = inputs.map((x) => this.#parameterLayer(x)).find((name) => name !== undefined);
    this.#backward ??= this.#layers.get(output) ?? parameter ?? op;
  }

  leavesBackward(): void {
    if (--this.#depth === 0) this.#backward = undefined;
  }

  /** Everything between the op's inputs and its result is the op's: also what ops that it is made of had claimed. */
  #claim(layer: string, y: Tensor, inputs: readonly Tensor[]): void {
    const given = new Set(inputs.map((x) => x.storage));
    const wanted = new Set([y.storage].filter((storage) => !given.has(storage)));
    for (let i = this.#dispatches.length - 1; i >= 0 && wanted.size > 0; i--) {
      const { origin, inputs: read, outputs } = this.#dispatches[i]!;
      if (origin.direction === 'backward' || !outputs.some((storage) => wanted.has(storage))) continue;
      for (const storage of outputs) wanted.delete(storage);
      for (const storage of read) if (!given.has(storage)) wanted.add(storage);
      origin.layer = layer;
      origin.direction = 'forward';
    }
  }

  #parameterLayer(x: Tensor): string | undefined {
    if (x.requiresGrad && x.label !== '') return x.label.replace(/\.[^.]*$/, '');
    return this.#derived.get(x);
  }
}
