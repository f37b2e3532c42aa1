/** Predictions of a network on a table, and its error, in the data's own units. */
import type { Backend, Values } from '../engine/backend.ts';
import { noGrad } from '../engine/tape.ts';
import { type Tensor, tensor, tidy } from '../engine/tensor.ts';
import { type Scale, unstandardise } from '../datasets/dataset.ts';

/** Standardised inputs on the backend, kept for many evaluations. */
export function inputsOf(x: ArrayLike<number>, columns: number, backend: Backend): Tensor {
  return tensor(x, [x.length / columns, columns], backend, { label: 'inputs' });
}

/** What a network predicts, in standardised units. */
export async function predictStandardised(forward: (x: Tensor) => Tensor, x: Tensor): Promise<Values> {
  const pred = tidy(() => noGrad(() => forward(x)));
  try {
    return await pred.data();
  } finally {
    pred.dispose();
  }
}

/** What a network predicts, unstandardised, in float64. */
export async function predict(
  forward: (x: Tensor) => Tensor,
  x: Tensor,
  scale: Scale,
): Promise<Float64Array> {
  return unstandardise(await predictStandardised(forward, x), scale);
}

/** Root of the mean squared difference. */
export function rmse(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(sum / a.length);
}
