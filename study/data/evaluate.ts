/** Predictions of networks, in the data's own units. */
import { noGrad } from '../../engine/tape.ts';
import { type Tensor, tidy } from '../../engine/tensor.ts';
import { concatenated, type Inputs } from './inputs.ts';
import type { NetworkInput } from '../../models/network.ts';
import type { Coding } from '../../tasks/coding.ts';

export interface PredictionHooks {
  /** With the share that is done, after every part. */
  onProgress?: (share: number) => void;
}

/** What the networks of all seeds put out, seed by seed: standardised numbers, or logits. */
export async function networkOutputs(
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

/** The same decoded by each seed's coding, in float64: numbers in the data's own units, or logits. */
export async function predict(
  forward: (input: NetworkInput) => Tensor,
  inputs: Inputs,
  codings: readonly Pick<Coding, 'decode'>[],
  hooks: PredictionHooks = {},
): Promise<Float64Array[]> {
  const put = await networkOutputs(forward, inputs, hooks);
  return put.map((values, i) => codings[i]!.decode(values));
}
