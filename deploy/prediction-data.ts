/** What a saved network is to predict for: a table or pictures, brought into the form that it was trained on. */
import type { Filling, Table } from '../datasets/dataset.ts';
import { describeGap, fillIn, missingCounts } from '../datasets/missing.ts';
import { nearest } from '../base/nearest-name.ts';
import { configOf } from '../study/options/config.ts';
import { UserError } from '../base/errors.ts';
import { classNames, type NetworkDescription } from '../study/network-description.ts';
import { knownLabels } from './class-predictions.ts';
import { type PictureOptions, type ReadingHooks, readPictures } from '../study/read/read-pictures.ts';
import { type FoundColumns, readTable } from '../study/read/read-table.ts';
import type { TableWriting } from '../study/read/table-writing.ts';
import type { GivenRows } from '../study/saved-network.ts';

export interface PredictionData {
  readonly given: GivenRows;
  readonly rows: number;
  /** Of each target its labels, where there are any; NaN where one is missing. Of classes the network's numbers for them. */
  readonly labels: readonly (Float64Array | undefined)[];
  /** Inputs that were missing and filled in. */
  readonly filled: number;
  /** Lines for people. */
  readonly notes: readonly string[];
  /** Columns that were not looked at. */
  readonly ignored: readonly string[];
  /** Of pictures: whose each is. */
  readonly persons?: readonly string[];
}

/** How the table is written, as for `readTable`. */
export interface TableReading extends TableWriting {
  /** Whether columns of targets are read where there are any. */
  readonly hasLabels: boolean;
}

/**
 * Missing inputs are filled as in training, if they were there.
 *
 * @throws UserError that names the file, and for a missing column the nearest one, or the place of a missing input.
 */
export async function readRows(
  file: string,
  { inputs, filling, targets }: NetworkDescription,
  { hasLabels, ...writing }: TableReading,
): Promise<PredictionData> {
  let ignored: readonly string[] = [];
  let labelled: readonly string[] = [];
  const choose = ({ columns, hasHeader }: FoundColumns) => {
    const there = new Set(columns);
    const missing = inputs.names.filter((name) => !there.has(name));
    if (missing.length > 0) throw new UserError(missingText(file, missing, { columns, hasHeader }));
    labelled = hasLabels ? targets.names.filter((name) => there.has(name)) : [];
    const chosen = [...inputs.names, ...labelled];
    const wanted = new Set(chosen);
    ignored = columns.filter((name) => !wanted.has(name));
    return chosen;
  };
  const known = classNames(targets);
  const options = {
    ...{ ...writing, columns: choose, group: undefined, split: [], keepsMissing: true },
    classes: known && (() => labelled[0]),
  };
  const { table, description, notes } = await readTable(file, options);
  const x = { columns: inputs.names, rows: table.rows, values: columnsOf(table, inputs.names) };
  const gap = describeGap(x);
  if (gap !== undefined && !filling)
    throw new UserError(
      `${file}: ${gap}; fill it in, remove the row, or train the network with --missing mean or median`,
    );
  const counts = missingCounts(x);
  const filled = sumOf(counts);
  const stray = ignored.length > 0 ? [`ignored columns: ${ignored.join(', ')}`] : [];
  return {
    given: { x: filling ? fillIn(x, [...inputs.names.keys()], filling.values).values : x.values },
    rows: table.rows,
    labels: targets.names.map((name) => {
      if (!labelled.includes(name)) return undefined;
      const own = columnsOf(table, [name]);
      return known && table.classes ? knownLabels({ labels: own, classes: table.classes.names }, known) : own;
    }),
    filled,
    notes: [
      description,
      ...notes.map((note) => `note: ${note}`),
      ...stray,
      ...(filling && filled > 0 ? [filledText(inputs.names, counts, filling)] : []),
    ],
    ignored,
  };
}

function filledText(names: readonly string[], counts: readonly number[], { by }: Filling): string {
  const filled = sumOf(counts);
  const each = names.flatMap((name, j) => (counts[j]! > 0 ? [`${name} ${counts[j]!}`] : []));
  return (
    `${filled} missing ${filled === 1 ? 'input' : 'inputs'} filled in with the ${by} of the training part: ` +
    each.join(', ')
  );
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** With the nearest name of each that is missing. */
function missingText(file: string, missing: readonly string[], { columns, hasHeader }: FoundColumns): string {
  const named = missing.map((name) => {
    const meant = nearest(name, columns);
    return meant === undefined ? `'${name}'` : `'${name}' (did you mean '${meant}'?)`;
  });
  const shown = columns.slice(0, 20).join(', ') || 'none';
  const there = columns.length > 20 ? `${shown} and ${columns.length - 20} more` : shown;
  const cure = hasHeader
    ? ''
    : '; it has no header line, so that its columns are numbered (--header yes if its first line is one)';
  return (
    `${file}: the network wants ${missing.length > 1 ? 'columns' : 'a column'} ${named.join(', ')}; ` +
    `there are ${there}${cure}`
  );
}

function columnsOf({ columns, rows, values }: Table, names: readonly string[]): Float64Array {
  const byName = new Map(columns.map((name, i) => [name, i]));
  const places = names.map((name) => byName.get(name)!);
  return Float64Array.from(
    { length: rows * names.length },
    (_, i) => values[Math.floor(i / names.length) * columns.length + places[i % names.length]!]!,
  );
}

/** Of 'mpiigaze:FOLDER' and its like, at the size that the network was trained on. */
export async function readImages(
  data: string,
  description: NetworkDescription & Required<Pick<NetworkDescription, 'image'>>,
  options: PictureOptions,
  hooks: ReadingHooks,
): Promise<PredictionData> {
  const { image, extras, targets } = description;
  const size = `${image.width}x${image.height}`;
  const config = configOf(new Map([['data', data]]), []);
  if (!data.startsWith(`${config.data}:`))
    throw new UserError(
      `--data: the network is for images of ${size}; wants mpiigaze:FOLDER, mpiigaze-h5:FILE or multipie:FOLDER, ` +
        `not '${data}'`,
    );
  const { pictures, description: line } = await readPictures({ ...config, size }, options, hooks);
  if (pictures.targets.join() !== targets.names.join())
    throw new UserError(
      `${data} is labelled with ${pictures.targets.join(' and ')}, but the network predicts ${targets.names.join(' and ')}`,
    );
  if ((pictures.extras === undefined) !== (extras === undefined)) {
    const [has, wants] = extras ? ['no', 'wants'] : ['the', 'knows no'];
    throw new UserError(`${data} has ${has} pose of the head, and the network ${wants} such numbers`);
  }
  const outputs = targets.names.length;
  return {
    given: { x: pictures.pixels, ...(pictures.extras ? { extras: pictures.extras } : {}) },
    rows: pictures.rows,
    labels: targets.names.map((_, j) =>
      Float64Array.from({ length: pictures.rows }, (__, i) => pictures.angles[i * outputs + j]!),
    ),
    filled: 0,
    notes: [line, 'all persons are predicted, also those that the network was trained on'],
    ignored: [],
    persons: Array.from(pictures.person, (place) => pictures.people[place]!),
  };
}
