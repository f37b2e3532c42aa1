/** Predictions of networks on tables, and their errors, in the data's own units. */
import type { Backend } from '../engine/backend.ts';
import { slice } from '../engine/ops/movement.ts';
import { noGrad } from '../engine/tape.ts';
import { type Tensor, tensor, tidy } from '../engine/tensor.ts';
import { type Scale, unstandardise } from '../datasets/dataset.ts';

/** Standardised inputs of every seed on the backend, (seeds, rows, columns), kept for many evaluations. */
export function inputsOf(tables: readonly ArrayLike<number>[], columns: number, backend: Backend): Tensor {
  const values = concatenated(tables);
  const shape = [tables.length, values.length / tables.length / columns, columns];
  return tensor(values, shape, backend, { label: 'inputs' });
}

/** Tables one after another. */
export function concatenated(tables: readonly ArrayLike<number>[]): Float32Array {
  const all = new Float32Array(tables.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const table of tables) {
    all.set(table, at);
    at += table.length;
  }
  return all;
}

/** Rows of all seeds that are predicted at a time: hidden layers of a long table would fill the memory. */
const ROWS_AT_A_TIME = 65_536;

/** What the networks of all seeds predict, seed by seed, in standardised units. */
export async function predictStandardised(
  forward: (x: Tensor) => Tensor,
  x: Tensor,
): Promise<readonly ArrayLike<number>[]> {
  const [seeds, rows] = [x.shape[0]!, x.shape[1]!];
  const most = Math.max(1, Math.floor(ROWS_AT_A_TIME / seeds));
  const parts: ArrayLike<number>[][] = Array.from({ length: seeds }, () => []);
  for (let from = 0; from < rows; from += most) {
    const isWhole = rows <= most;
    const pred = tidy(() =>
      noGrad(() => forward(isWhole ? x : slice(x, 1, from, Math.min(rows, from + most)))),
    );
    try {
      const values = await pred.data();
      const size = values.length / seeds;
      for (const [i, part] of parts.entries()) part.push(values.subarray(i * size, (i + 1) * size));
    } finally {
      pred.dispose();
    }
  }
  return parts.map((each) => (each.length === 1 ? each[0]! : concatenated(each)));
}

/** The same unstandardised by each seed's scale, in float64. */
export async function predict(
  forward: (x: Tensor) => Tensor,
  x: Tensor,
  scales: readonly Scale[],
): Promise<Float64Array[]> {
  const standardised = await predictStandardised(forward, x);
  return standardised.map((values, i) => unstandardise(values, scales[i]!));
}

/** Root of the mean squared difference. */
export function rmse(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(sum / a.length);
}
