/** A route of a teacher with made weights, for trainings on made batches. */
import type { Backend } from '../engine/backend.ts';
import { tensor, tidy } from '../engine/tensor.ts';
import { noGrad } from '../engine/tape.ts';
import type { Route } from '../methods/artifacts/route.ts';
import { disposeNetworks } from '../models/network.ts';
import { routeOf } from '../study/teachers/route.ts';
import { noise } from './check.ts';
import { mlpTeacher } from './method-context.ts';

export interface MadeRoute {
  readonly seeds: readonly number[];
  /** A seed's. */
  readonly rows: number;
  readonly inputs: readonly number[];
  readonly checkpoints: number;
}

/** Checkpoint j is a network of other random weights; columns are `teacher` and, above 0, `outlier`. */
export async function madeRoute(
  backend: Backend,
  { seeds, rows, inputs, checkpoints }: MadeRoute,
): Promise<Route> {
  const newNetwork = () =>
    mlpTeacher(
      backend,
      [6],
      seeds.map((seed) => seed + 100),
    );
  const x = tensor(Float32Array.from(inputs), [seeds.length, rows, 2], backend);
  const made = await Promise.all(
    Array.from({ length: checkpoints }, async (_, j) => {
      const network = mlpTeacher(
        backend,
        [6],
        seeds.map((seed) => seed + 200 + j),
      );
      const predicted = tidy(() => noGrad(() => network.forward({ x })));
      const values = Float32Array.from(await predicted.data());
      const tensors = new Map(
        await Promise.all(
          Object.entries(network.parameters).map(async ([name, of]) => {
            return [name, { shape: of.shape, values: Float32Array.from(await of.data()) }] as const;
          }),
        ),
      );
      predicted.dispose();
      disposeNetworks(network);
      const predictions = seeds.map((__, i) => values.slice(i * rows, (i + 1) * rows));
      return { share: (j + 1) / checkpoints, tensors, predictions };
    }),
  );
  const route = routeOf(made, {
    ...{ backend, newNetwork },
    data: {} as never,
    columnsOf: (teacher) => ({
      teacher,
      outlier: teacher.map((values) => values.map((value) => Number(value > 0))),
    }),
  });
  return {
    ...route,
    // Whatever a study measures it by: here what the student predicts for a point, against a number of the checkpoint's.
    async hardness(student) {
      const y = tidy(() => noGrad(() => student({ x })));
      const own = await y.data();
      y.dispose();
      return async (choice) =>
        choice.map((place, i) => Math.abs(own[i * rows]! - 2 * noise(checkpoints, 9)[place]!) + 0.1 * place);
    },
  };
}
