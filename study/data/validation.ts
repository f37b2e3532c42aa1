/** What early stopping goes by: errors of networks on training rows that they do not learn from. */
import type { Tensor } from '../../engine/tensor.ts';
import { networkOutputs } from './evaluate.ts';
import type { NetworkInput } from '../../models/network.ts';
import type { PreparedData } from './prepared-data.ts';

export interface Validation {
  /** Of every seed's network: how far from the labels, noisy as they are, by what the task chooses weights by. */
  validate(forward: (input: NetworkInput) => Tensor): Promise<readonly number[]>;
  dispose(): void;
}

/** On some training rows of each seed. */
export function validationOn(rows: readonly Uint32Array[], data: PreparedData): Validation {
  const inputs = data.rowInputs(rows);
  const labels = data.labels(rows);
  return {
    async validate(forward) {
      const predicted = await networkOutputs(forward, inputs);
      return predicted.map((values, i) => data.task.selection(values, labels[i]!));
    },
    dispose: () => inputs.dispose(),
  };
}
