/** Batches of a study's training rows: what the network is given, labels, and what else a method learns from. */
import type { Backend } from '../../engine/backend.ts';
import { Batches } from '../../engine/data/batches.ts';
import type { BatchSource } from '../../train/run-training.ts';
import type { Batch } from '../../train/training.ts';
import { concatenated } from './inputs.ts';
import { type PreparedData, rowsOf } from './prepared-data.ts';

export interface BatchSourceOptions {
  readonly backend: Backend;
  readonly batchSize: number;
  /** Of networks and draws, which may not be the students'. */
  readonly seed: number | readonly number[];
  /** Of each seed; all if undefined. */
  readonly rows: readonly Uint32Array[] | undefined;
  /** Besides inputs and labels: a number for each label of all training rows, by column and seed. */
  readonly columns?: Readonly<Record<string, readonly Float32Array[]>>;
  readonly firstEpoch?: number;
  /** Of how images are changed at random, the data's own unless given. */
  readonly augmentationSeed?: number;
}

export function batchSource(
  data: PreparedData,
  { backend, batchSize, seed, rows, columns = {}, firstEpoch = 0, augmentationSeed }: BatchSourceOptions,
): BatchSource {
  const { outputs: width } = data;
  const column = (tables: readonly Float32Array[]) => ({
    values: concatenated(tables.map((table, i) => rowsOf(table, width, rows?.[i]))),
    width,
  });
  const given = Object.fromEntries(
    Object.entries(columns).map(([name, tables]) => [name, column(tables)] as const),
  );
  const batches = new Batches({ ...data.columns(rows), ...given }, backend, { batchSize, seed, firstEpoch });
  const seen = (stored: Batch): Batch => {
    const { x, extras } = data.batchInput(stored, augmentationSeed);
    return { ...stored, x, ...(extras ? { extras } : {}) };
  };
  return {
    prepare: (done) => batches.prepare(done),
    batch: () => seen(batches.batch()),
    ...(data.shape.image ? {} : { stored: { batches, of: seen } }),
    dispose: () => batches.dispose(),
  };
}
