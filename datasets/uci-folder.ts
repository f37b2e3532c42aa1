/**
 * Tables in the layout of the UCI regression benchmark with its published splits: data.txt without a header,
 * index_features.txt and index_target.txt with columns, and for each split k index_train_k.txt and index_test_k.txt with
 * rows. Columns and rows are numbered from 0.
 */
import { checkChoice, checkOptions } from '../base/borders.ts';
import { readCsv } from './csv/csv.ts';
import type { Table } from './dataset.ts';
import { DatasetError } from './dataset-error.ts';
import { checkFolder, type Folder } from './folder.ts';
import { readApart, readSplit } from './index-file.ts';
import type { RowSplit } from './row-splits.ts';

export interface UciFolder {
  /** The features, then the targets. */
  readonly table: Table;
  readonly inputs: readonly string[];
  readonly targets: readonly string[];
  /** In the order of their numbers; empty if there are none. */
  readonly splits: readonly RowSplit[];
}

export interface UciOptions {
  /** What becomes of missing numbers: an error if left out, or NaN. */
  readonly missing?: 'keep';
}

const DATA = 'data.txt';
const [FEATURES, TARGET] = ['index_features.txt', 'index_target.txt'];

/** Whether a folder with these files has the layout. */
export function isUciFolder(names: readonly string[]): boolean {
  return [DATA, FEATURES, TARGET].every((name) => names.includes(name));
}

/**
 * Reads all of it. Rows and columns that no index names are left out; the order of a split's rows is the file's.
 *
 * @throws CsvError about data.txt, or DatasetError with file and line: a file is missing, an index is no whole number or
 *   out of range or comes twice, a row is in both parts of a split, a column is both feature and target.
 */
export async function readUciFolder(folder: Folder, options: UciOptions = {}): Promise<UciFolder> {
  checkFolder('readUciFolder', folder);
  checkOptions('readUciFolder', options, 'missing');
  const { missing } = options;
  checkChoice('readUciFolder', 'missing', missing, ['keep']);
  const names = await folder.list('');
  // As NumPy writes it: nothing of it is to be guessed.
  const whole = readCsv(await textOf(folder, DATA), { missing, where: DATA, header: false, decimal: '.' });
  const index = async (file: string) => ({ where: file, text: await textOf(folder, file) });
  const columns = { of: DATA, what: 'column', count: whole.columns.length } as const;
  const [inputs, targets] = readApart(await index(FEATURES), await index(TARGET), columns);
  const splits: RowSplit[] = [];
  for (const k of splitNumbers(names)) {
    const [train, test] = [await index(`index_train_${k}.txt`), await index(`index_test_${k}.txt`)];
    splits.push(readSplit(train, test, { rows: whole.rows, of: DATA }));
  }
  const nameOf = (place: number) => whole.columns[place]!;
  return {
    table: pickColumns(whole, [...inputs, ...targets]),
    inputs: Array.from(inputs, nameOf),
    targets: Array.from(targets, nameOf),
    splits,
  };
}

async function textOf(folder: Folder, file: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await folder.read(file));
  } catch (cause) {
    if (cause instanceof TypeError) throw new DatasetError(file, 'is not UTF-8 text', { cause });
    throw cause;
  }
}

/** 0 … n - 1, each with both its files. */
function splitNumbers(names: readonly string[]): number[] {
  const pattern = /^index_(train|test)_(\d+)\.txt$/;
  const found = names.flatMap((name) => pattern.exec(name)?.[2] ?? []).map(Number);
  const count = found.length === 0 ? 0 : Math.max(...found) + 1;
  const numbers = Array.from({ length: Math.min(count, found.length + 1) }, (_, k) => k);
  for (const k of numbers)
    for (const part of ['train', 'test']) {
      const file = `index_${part}_${k}.txt`;
      if (!names.includes(file))
        throw new DatasetError(file, 'is missing; splits are numbered from 0 and have two files each');
    }
  return numbers;
}

function pickColumns({ columns, rows, values }: Table, places: readonly number[]): Table {
  const [from, to] = [columns.length, places.length];
  const picked = Float64Array.from(
    { length: rows * to },
    (_, i) => values[Math.floor(i / to) * from + places[i % to]!]!,
  );
  return { columns: places.map((place) => columns[place]!), rows, values: picked };
}
