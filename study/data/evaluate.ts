/** Predictions of networks, in the data's own units. */
import { type Scale, unstandardise } from '../../datasets/dataset.ts';
import { noGrad } from '../../engine/tape.ts';
import { type Tensor, tidy } from '../../engine/tensor.ts';
import { concatenated, type Inputs } from './inputs.ts';
import type { NetworkInput } from '../../models/network.ts';

export interface PredictionHooks {
  /** With the share that is done, after every part. */
  onProgress?: (share: number) => void;
}

/** What the networks of all seeds predict, seed by seed, in standardised units. */
export async function predictStandardised(
  forward: (input: NetworkInput) => Tensor,
  inputs: Inputs,
  { onProgress }: PredictionHooks = {},
): Promise<readonly ArrayLike<number>[]> {
  const { seeds, rows, rowsAtATime } = inputs;
  const parts: ArrayLike<number>[][] = Array.from({ length: seeds }, () => []);
  for (let from = 0; from < rows; from += rowsAtATime) {
    const pred = tidy(() => noGrad(() => forward(inputs.part(from, Math.min(rows, from + rowsAtATime)))));
    try {
      const values = await pred.data();
      const size = values.length / seeds;
      for (const [i, part] of parts.entries()) part.push(values.subarray(i * size, (i + 1) * size));
    } finally {
      pred.dispose();
    }
    onProgress?.(Math.min(rows, from + rowsAtATime) / rows);
  }
  return parts.map((each) => (each.length === 1 ? each[0]! : concatenated(each)));
}

/** The same unstandardised by each seed's scale, in float64. */
export async function predict(
  forward: (input: NetworkInput) => Tensor,
  inputs: Inputs,
  scales: readonly Scale[],
  hooks: PredictionHooks = {},
): Promise<Float64Array[]> {
  const standardised = await predictStandardised(forward, inputs, hooks);
  return standardised.map((values, i) => unstandardise(values, scales[i]!));
}
