/** Averages of an optimiser's weights, kept beside them, model by model. */
import { weightAverage } from '../../kernels/training/weight-average.ts';
import { checkOptions } from '../borders.ts';
import { dispatch, workgroupsFor } from '../dispatch.ts';
import { assign } from '../ops/movement/assign.ts';
import { empty, outsideTidy, Tensor, zeros } from '../tensor.ts';
import type { FlatOptimizer, Follower } from './flat-optimizer.ts';
import { biasCorrection } from './moving-average.ts';
import { checkShare, type Parameters } from './options.ts';

export interface AverageOptions {
  /** Of the average, what an update keeps: in [0, 1), as near to 1 as you like. */
  readonly decay: number;
  /**
   * Whether the average is of the updated weights alone, as if divided by 1 - decay^t (Kingma & Ba 2015, section 7.2).
   * Otherwise it begins with the weights that the player is made with, and they fade.
   */
  readonly isCorrected?: boolean | undefined;
}

export function checkAverage(options: AverageOptions): void {
  checkOptions('player: average', options, 'decay isCorrected', true);
  checkShare('player: average', { decay: options.decay });
}

export class WeightAverage implements Follower {
  /** By the names of the parameters: views of one buffer. */
  readonly tensors: Parameters;
  #isSwapped = false;
  readonly #of: FlatOptimizer;
  readonly #flat: Tensor;
  readonly #elements: Tensor;
  readonly #share: number;

  constructor(of: FlatOptimizer, { decay, isCorrected = false }: AverageOptions) {
    const { flat, names, starts } = of.layout;
    this.#of = of;
    this.#elements = of.elementsOf(() => true);
    // avg / (1 - decay^t) is a moving average whose share shrinks; its first is 1.
    this.#share = of.slot((update) => (1 - decay) / (isCorrected ? biasCorrection(decay, update + 1) : 1));
    this.#flat = outsideTidy(() => zeros(flat.shape, flat.backend, { label: `${of.name}.average` }));
    const { storage } = this.#flat;
    const viewOf = (name: string, k: number) => {
      const x = new Tensor(storage, of.parameters[name]!.shape, { offset: starts[k]! });
      x.label = `average of ${name}`;
      return [name, x] as const;
    };
    this.tensors = outsideTidy(() => Object.fromEntries(names.map(viewOf)));
    for (const [name, x] of Object.entries(this.tensors)) assign(x, of.parameters[name]!);
  }

  /** After each update. */
  follow(): void {
    const { layout, state } = this.#of;
    const { flat } = layout;
    dispatch(weightAverage, {
      inputs: { parameters: flat, elements: this.#elements, latch: state.latch! },
      uniforms: { size: flat.size, share: this.#share },
      outputs: { average: this.#flat },
      workgroups: workgroupsFor(weightAverage, flat.size),
    });
  }

  swap(): void {
    for (const [name, average] of Object.entries(this.tensors)) {
      const x = this.#of.parameters[name]!;
      const between = empty(x.shape, x.backend, { label: 'swap' });
      assign(between, x);
      assign(x, average);
      assign(average, between);
      between.dispose();
    }
    this.#isSwapped = !this.#isSwapped;
  }

  /** Averages would be trained, or saved as what they are not. */
  check(): void {
    if (this.#isSwapped)
      throw new Error(
        `${this.#of.name}: the weights are exchanged for their averages; call swapAverage() again first`,
      );
  }

  dispose(): void {
    for (const x of [this.#flat, this.#elements, ...Object.values(this.tensors)]) x.dispose();
  }
}
