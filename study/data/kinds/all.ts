/** Every kind of data that a study can learn from, by name. A new one is a file beside this and a line here. */
import { addNamed } from '../../../base/add-named.ts';
import type { Option, ValuesOf } from '../../../base/option.ts';
import { tasks } from '../../../tasks/all.ts';
import type { Task } from '../../../tasks/task.ts';
import type { DataKindOf } from './data-kind.ts';
import { cifar10, cifar100 } from './cifar.ts';
import { digits, type DigitValues } from './digits.ts';
import { eyes, type eyesOptions } from './eyes.ts';
import { glyphs, type glyphOptions } from './glyphs.ts';
import { idx } from './idx.ts';
import { imageFolder } from './image-folder.ts';
import type { pictureOptions } from './images.ts';
import { mpiigaze } from './mpiigaze.ts';
import { mpiigazeH5 } from './mpiigaze-h5.ts';
import { multipie } from './multipie.ts';
import { sinusoid, type sinusoidOptions } from './sinusoid.ts';
import { table, type tableOptions } from './table.ts';

const all = [
  table,
  sinusoid,
  eyes,
  mpiigaze,
  mpiigazeH5,
  multipie,
  glyphs,
  digits,
  idx,
  cifar10,
  cifar100,
  imageFolder,
] as const;

export type DataKind = (typeof all)[number]['name'];

/** Of all kinds together: a configuration has each, whatever its data. */
export type DataValues = ValuesOf<
  typeof tableOptions &
    typeof sinusoidOptions &
    typeof eyesOptions &
    typeof pictureOptions &
    typeof glyphOptions
> &
  DigitValues;

// The casts: a kind is only ever given the values of its own options, and one from outside has a name of its own.
const known = new Map<DataKind, DataKindOf<DataKind>>(
  all.map((kind) => [kind.name, kind as unknown as DataKindOf<DataKind>]),
);

export const dataKinds: ReadonlyMap<DataKind, DataKindOf<DataKind>> = known;

/** Adds one from outside: from then on it is as known as the others. @throws UserError for a name that is taken. */
export function addDataKind(kind: DataKindOf): void {
  addNamed(known as Map<string, DataKindOf>, 'kind of data', kind);
}

export function dataKindOf({ data }: { readonly data: DataKind }): DataKindOf<DataKind> {
  return dataKinds.get(data)!;
}

/** What a study learns: what was asked for, or what its data are for; as its options want it. */
export function taskOf(config: { readonly data: DataKind; readonly task: string }): Task {
  const task = tasks.get(config.task === '' ? dataKindOf(config).tasks[0] : config.task)!;
  return task.with?.({ ...config }) ?? task;
}

/** Whether labels are classes. */
export function isOfClasses(config: { readonly data: DataKind; readonly task: string }): boolean {
  return taskOf(config).labels === 'classes';
}

/** Whether the function beneath the labels is known, to be drawn: that of the sinusoid. */
export function hasCleanFunction(config: { readonly data: DataKind }): boolean {
  return dataKindOf(config) === known.get(sinusoid.name);
}

/** Names the kind; a file's name means a table. */
export const dataOption: Option<DataKind> = {
  name: 'data',
  kind: 'data',
  group: 'data',
  default: 'sinusoid',
  help: 'sinusoid, eyes, glyphs, a table (CSV, Parquet, UCI folder), mpiigaze:FOLDER, mpiigaze-h5:FILE, multipie:FOLDER; of classes idx:FOLDER, cifar10:FOLDER, cifar100:FOLDER, images:FOLDER, digits:FILE [sinusoid]',
};
