/** The weights of each model's smallest error so far, copied on the GPU. */
import type { Parameters } from '../engine/optim/optim.ts';
import { copyTo } from '../engine/ops/movement/copy-to.ts';
import { where as select } from '../engine/ops/pointwise/elementwise.ts';
import { outsideTidy, type Tensor, tensor, tidy, view, zeros } from '../engine/tensor.ts';

export class BestWeights {
  readonly #weights: readonly Tensor[];
  /** Of the weights, by their names. */
  readonly copies: Parameters;
  readonly errors: number[];
  /** Of each model's copy; without one the last. */
  readonly steps: number[];

  /** @param options.seeds Models side by side. @param options.steps The last step. */
  constructor(weights: Parameters, { seeds = 1, steps }: { seeds: number | undefined; steps: number }) {
    this.#weights = Object.values(weights);
    this.copies = Object.fromEntries(
      Object.entries(weights).map(([name, x]) => [
        name,
        outsideTidy(() => zeros(x.shape, x.backend, { label: 'best-weights' })),
      ]),
    );
    this.errors = Array<number>(seeds).fill(Infinity);
    this.steps = Array<number>(seeds).fill(steps);
  }

  /** The weights of now, with their errors: copied for each model that has not been better before. */
  offer(errors: readonly number[], step: number): void {
    const isBetter = errors.map((error, i) => error < this.errors[i]!);
    for (const [i, better] of isBetter.entries()) {
      if (!better) continue;
      this.errors[i] = errors[i]!;
      this.steps[i] = step;
    }
    this.#copy(this.#weights, Object.values(this.copies), isBetter);
  }

  /** Puts the best ones in the weights' place. */
  restore(): void {
    const wasOffered = this.errors.map((error) => error < Infinity);
    this.#copy(Object.values(this.copies), this.#weights, wasOffered);
  }

  dispose(): void {
    for (const x of Object.values(this.copies)) x.dispose();
  }

  /** The chosen models' part of every tensor. */
  #copy(from: readonly Tensor[], to: readonly Tensor[], isChosen: readonly boolean[]): void {
    if (!isChosen.includes(true)) return;
    tidy(() => {
      const mask = tensor(isChosen.map(Number), [isChosen.length, 1], from[0]!.backend);
      for (const [k, x] of from.entries()) {
        const rows = [isChosen.length, x.size / isChosen.length];
        const chosen = select(mask, view(x, rows), view(to[k]!, rows));
        copyTo([chosen], to[k]!, { rows: 1, pitch: x.size, widths: [x.size], starts: [0] });
      }
    });
  }
}
