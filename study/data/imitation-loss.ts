/** How far what students predict is from what somebody else predicts for the same rows, by the task's imitation loss. */
import type { Backend } from '../../engine/backend.ts';
import { noGrad } from '../../engine/tape.ts';
import { tensor, tidy } from '../../engine/tensor.ts';
import type { StudyNetworks } from '../../models/network.ts';
import { networkOutputs } from './evaluate.ts';
import { type PreparedData, rowsOf } from './prepared-data.ts';

type Rows = readonly Uint32Array[] | undefined;

/** Of each seed, from what networks put out, rows × outputs each. */
export async function imitationLosses(
  students: readonly ArrayLike<number>[],
  others: readonly ArrayLike<number>[],
  { task, outputs }: PreparedData,
  backend: Backend,
): Promise<ArrayLike<number>> {
  const size = others[0]!.length;
  const shape = [others.length, size / outputs, outputs];
  const stacked = (lists: readonly ArrayLike<number>[]) => {
    const all = new Float32Array(lists.length * size);
    for (const [i, values] of lists.entries()) all.set(values, i * size);
    return tensor(all, shape, backend, { label: 'imitation-loss' });
  };
  const loss = tidy(() =>
    noGrad(() => task.imitation(stacked(students), stacked(others), { leadingAxes: 1 })),
  );
  try {
    return await loss.data();
  } finally {
    loss.dispose();
  }
}

/** What students predict for some training rows of each seed, all if undefined: numbers as networks put them out. */
export async function predictionsAt(
  forward: StudyNetworks['forward'],
  data: PreparedData,
  rows: Rows,
): Promise<readonly ArrayLike<number>[]> {
  if (!rows) return networkOutputs(forward, data.trainInputs);
  const inputs = data.rowInputs(rows);
  return networkOutputs(forward, inputs).finally(() => inputs.dispose());
}

/** Those of predictions for all training rows that are for some of them. */
export function predictionsFor(
  predictions: readonly Float32Array[],
  { outputs }: PreparedData,
  rows: Rows,
): Float32Array[] {
  return predictions.map((values, i) => rowsOf(values, outputs, rows?.[i]));
}
