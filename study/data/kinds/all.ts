/** Every kind of data that a study can learn from, by name. A new one is a file beside this and a line here. */
import type { Option, ValuesOf } from '../../../base/option.ts';
import { tasks } from '../../../tasks/all.ts';
import type { Task } from '../../../tasks/task.ts';
import type { DataKindOf } from './data-kind.ts';
import { eyes, type eyesOptions } from './eyes.ts';
import type { pictureOptions } from './images.ts';
import { mpiigaze } from './mpiigaze.ts';
import { mpiigazeH5 } from './mpiigaze-h5.ts';
import { multipie } from './multipie.ts';
import { sinusoid, type sinusoidOptions } from './sinusoid.ts';
import { table, type tableOptions } from './table.ts';

const all = [table, sinusoid, eyes, mpiigaze, mpiigazeH5, multipie] as const;

export type DataKind = (typeof all)[number]['name'];

/** Of all kinds together: a configuration has each, whatever its data. */
export type DataValues = ValuesOf<
  typeof tableOptions & typeof sinusoidOptions & typeof eyesOptions & typeof pictureOptions
>;

export const dataKinds: ReadonlyMap<DataKind, DataKindOf<DataKind>> = new Map(
  all.map((kind) => [kind.name, kind]),
);

export function dataKindOf({ data }: { readonly data: DataKind }): DataKindOf<DataKind> {
  return dataKinds.get(data)!;
}

/** What a study learns: what was asked for, or what its data are for. */
export function taskOf(config: { readonly data: DataKind; readonly task: string }): Task {
  return tasks.get(config.task === '' ? dataKindOf(config).tasks[0] : config.task)!;
}

/** Names the kind; a file's name means a table. */
export const dataOption: Option<DataKind> = {
  name: 'data',
  kind: 'data',
  group: 'data',
  default: 'sinusoid',
  help: 'sinusoid, eyes, a table (CSV, Parquet, UCI folder), mpiigaze:FOLDER, mpiigaze-h5:FILE or multipie:FOLDER [sinusoid]',
};
