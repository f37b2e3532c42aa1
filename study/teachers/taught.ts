/** What a method's students have of their teacher besides columns: its checkpoints; and how far they are from it in the end. */
import type { Backend } from '../../engine/backend.ts';
import type { Route } from '../../methods/artifacts/route.ts';
import { type ChosenMethod, teacherNeeds } from '../../methods/chosen-method.ts';
import type { StudyNetworks } from '../../models/network.ts';
import type { ArtifactColumns } from '../artifact-columns.ts';
import { imitationLosses, predictionsAt, predictionsFor } from '../data/imitation-loss.ts';
import type { PreparedData } from '../data/prepared-data.ts';
import type { StudyConfig } from '../results.ts';
import type { Member } from '../seed-result.ts';
import { routeOf } from './route.ts';
import { newNetwork, type Teachers } from './teacher.ts';

export interface Taught {
  readonly config: StudyConfig;
  readonly data: PreparedData;
  readonly backend: Backend;
  readonly members: readonly Member[];
  readonly columns: ArtifactColumns;
  /** Of a seed, by its place. */
  hasFailed(index: number): boolean;
}

/** Undefined where no method of the study asks for checkpoints. */
export function routeFor(
  { method: { uses = [] } }: ChosenMethod,
  { route }: Teachers,
  { config, data, backend, columns, hasFailed }: Taught,
): Route | undefined {
  return (
    route &&
    routeOf(route, {
      ...{ data, backend },
      newNetwork: () => newNetwork(config, data, backend, 0),
      columnsOf: (predictions) =>
        Object.fromEntries(
          uses.map((artifact) => [artifact.name, columns.from(artifact, config, predictions, hasFailed)]),
        ),
    })
  );
}

/** Of each seed the imitation loss of a student that a teacher has taught, over the rows that it has learnt from. */
export async function taughtLosses(
  method: ChosenMethod,
  { forward }: StudyNetworks,
  { data, backend, members }: Taught,
): Promise<ArrayLike<number> | undefined> {
  if (teacherNeeds(method).length === 0) return undefined;
  const rows = data.studentRows;
  // None of a seed that has failed.
  const taught = members.map(({ data: own, teacher }) =>
    teacher.length > 0 ? teacher : new Float32Array(own.dataset.train.rows * data.outputs),
  );
  const own = await predictionsAt(forward, data, rows);
  return imitationLosses(own, predictionsFor(taught, data, rows), data, backend);
}
