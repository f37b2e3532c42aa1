/** Checkpoints of teachers as a method uses them: as columns of its batches, as a network, and as what a student is measured by. */
import type { Backend } from '../../engine/backend.ts';
import { encodeSafetensors, type SafetensorsInput } from '../../engine/files/safetensors.ts';
import { loadTensors } from '../../engine/files/checkpoint.ts';
import type { CheckpointNetwork, Choice, Route } from '../../methods/artifacts/route.ts';
import { disposeNetworks, type StudyNetworks } from '../../models/network.ts';
import type { Columns } from '../../train/training.ts';
import { imitationLosses, predictionsAt, predictionsFor } from '../data/imitation-loss.ts';
import type { PreparedData } from '../data/prepared-data.ts';

/** A teacher of each seed as it was on its way. */
export interface Checkpoint {
  /** Share of its steps that were done. */
  readonly share: number;
  /** As they lie in the networks of all seeds: with an axis of seeds in front. */
  readonly tensors: ReadonlyMap<string, SafetensorsInput>;
  /** What each seed's puts out for its training rows: standardised numbers, or logits. */
  readonly predictions: readonly Float32Array[];
}

export interface RouteOptions {
  readonly data: PreparedData;
  readonly backend: Backend;
  /** Like the teacher's, with whatever weights. */
  newNetwork(): StudyNetworks;
  /** What a method's batches have, by what stands for its teacher's predictions. */
  columnsOf(predictions: readonly Float32Array[]): Columns;
}

/** @param checkpoints In the order of the training, the teacher itself last. */
export function routeOf(checkpoints: readonly Checkpoint[], options: RouteOptions): Route {
  const predicted = (choice: Choice) => choice.map((place, i) => checkpoints[place]!.predictions[i]!);
  return {
    shares: checkpoints.map(({ share }) => share),
    columns: (choice) => options.columnsOf(predicted(choice)),
    network: () => networkOfCheckpoints(checkpoints, options),
    async hardness(student) {
      const { data } = options;
      const rows = data.validationRows ?? data.studentRows;
      const own = await predictionsAt(student, data, rows);
      return (choice) => hardnessOf(own, predictionsFor(predicted(choice), data, rows), options);
    },
  };
}

function networkOfCheckpoints(
  checkpoints: readonly Checkpoint[],
  { newNetwork }: RouteOptions,
): CheckpointNetwork {
  const networks = newNetwork();
  const { parameters, buffers } = networks;
  return {
    networks,
    load(choice) {
      const of = choice.map((place) => checkpoints[place]!.tensors);
      loadTensors({ ...parameters, ...buffers }, encodeSafetensors(spliced(of)));
    },
    dispose: () => disposeNetworks(networks),
  };
}

/** Of list i what it has for seed i. */
function spliced(lists: readonly ReadonlyMap<string, SafetensorsInput>[]): Map<string, SafetensorsInput> {
  const splice = ([name, { shape, values }]: [string, SafetensorsInput]) => {
    const all = values.slice();
    const size = values.length / lists.length;
    for (const [i, tensors] of lists.entries())
      all.set(tensors.get(name)!.values.subarray(i * size, (i + 1) * size), i * size);
    return [name, { shape, values: all }] as const;
  };
  return new Map([...lists[0]!].map(splice));
}

/** Of each seed the imitation loss to its anchor, over that of the anchor's mean. */
async function hardnessOf(
  students: readonly ArrayLike<number>[],
  anchors: readonly Float32Array[],
  { data, backend }: RouteOptions,
): Promise<number[]> {
  const losses = await imitationLosses(students, anchors, data, backend);
  const means = anchors.map((values) => meanRow(values, data.outputs));
  const spread = await imitationLosses(means, anchors, data, backend);
  return Array.from(losses, (loss, i) => loss / spread[i]!);
}

/** The mean of the rows, as many times. */
function meanRow(values: Float32Array, outputs: number): Float32Array {
  const sums = new Float64Array(outputs);
  for (const [k, value] of values.entries()) sums[k % outputs]! += value;
  const rows = values.length / outputs;
  return values.map((_, k) => sums[k % outputs]! / rows);
}
