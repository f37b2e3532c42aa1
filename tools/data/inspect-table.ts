/** What a table holds: its size, its columns, what is missing or constant; and a folder with a table's published splits. */
import { readCsv } from '../../datasets/csv/csv.ts';
import { delimiterNames } from '../../datasets/csv/csv-dialect.ts';
import { CsvError } from '../../datasets/csv/csv-error.ts';
import type { Table } from '../../datasets/dataset.ts';
import type { Folder } from '../../datasets/folder.ts';
import { missingCounts } from '../../datasets/missing.ts';
import type { RowSplit } from '../../datasets/row-splits.ts';
import { readUciFolder } from '../../datasets/uci-folder.ts';
import { UserError } from '../../base/errors.ts';
import { formatCount } from '../../base/format.ts';
import { decodeTable } from '../../study/read/decode-table.ts';
import { refuseOthers } from '../../study/read/file-kind.ts';
import { withOptions } from '../../study/read/table-writing.ts';
import type { Inspection } from './inspection.ts';

type Say = (text: string) => void;

/** Names are listed up to here, the rest is counted. */
const MOST_NAMES = 20;

export async function describeText(bytes: Uint8Array, inspection: Inspection): Promise<void> {
  const { path, say, complain, writing = {} } = inspection;
  const { encoding, ...told } = writing;
  let text: string;
  try {
    refuseOthers(bytes, path);
    ({ text } = decodeTable(bytes, path, encoding));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return complain(error.message);
  }
  await withComplaints(inspection, path, () => {
    const options = Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined));
    const { hasHeader, delimiter, notes, ...table } = readCsv(text, {
      ...options,
      missing: 'keep',
      where: path,
    });
    for (const note of notes) say(`  doubtful: ${withOptions(note)}`);
    const between = table.columns.length > 1 ? `, ${delimiterNames[delimiter]} between cells` : '';
    say(`  ${sizeOf(table)}, ${hasHeader ? 'a' : 'no'} header${between}`);
    say(`  ${listOf(table.columns)}`);
    sayGaps(table, say);
  });
}

export async function describeUci(folder: Folder, inspection: Inspection): Promise<void> {
  const { path, say } = inspection;
  say(`${path}: a table with splits, in the layout of the UCI benchmark`);
  await withComplaints(inspection, `${path}/data.txt`, async () => {
    const { table, targets, splits } = await readUciFolder(folder, { missing: 'keep' });
    say(`  ${sizeOf(table)}; ${targets.length === 1 ? 'target' : 'targets'} ${targets.join(', ')}`);
    say(`  ${listOf(table.columns)}`);
    sayGaps(table, say);
    say(`  ${splits.length === 0 ? 'no splits' : describeSplits(splits)}`);
  });
}

/** Which numbers are missing, and which columns say nothing. */
export function sayGaps(table: Table, say: Say): void {
  const { columns, rows } = table;
  const counts = missingCounts(table);
  const missing = columns.flatMap((name, i) =>
    counts[i]! > 0 ? [`${formatCount(counts[i]!)} in ${name}`] : [],
  );
  if (missing.length > 0) say(`  missing numbers: ${listOf(missing)}`);
  const constant = columns.filter((_, i) => rows > 1 && isConstant(table, i));
  if (constant.length > 0) say(`  the same number in all rows: ${listOf(constant)}`);
}

export function sizeOf({ rows, columns }: Table): string {
  return `${formatCount(rows)} rows of ${columns.length} ${columns.length === 1 ? 'column' : 'columns'}`;
}

function isConstant({ columns, rows, values }: Table, place: number): boolean {
  const at = (row: number) => values[row * columns.length + place]!;
  for (let row = 1; row < rows; row++) if (at(row) !== at(0)) return false;
  return true;
}

function describeSplits(splits: readonly RowSplit[]): string {
  const [train, test] = [splits.map((split) => split.train.length), splits.map((split) => split.test.length)];
  const noun = splits.length === 1 ? 'split' : 'splits';
  return `${splits.length} ${noun}: ${rangeOf(train)} training and ${rangeOf(test)} test rows`;
}

function rangeOf(counts: readonly number[]): string {
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? formatCount(least) : `${formatCount(least)} to ${formatCount(most)}`;
}

/** The first names, and how many more there are. */
export function listOf(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return `${names.slice(0, MOST_NAMES).join(', ')}${more > 0 ? ` and ${formatCount(more)} more` : ''}`;
}

async function withComplaints(
  { complain }: Inspection,
  path: string,
  describe: () => void | Promise<void>,
): Promise<void> {
  try {
    await describe();
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    for (const { row, column, problem } of error.complaints)
      complain(`${path}, line ${row}, column ${column}: ${withOptions(problem)}`);
    const more = error.count - error.complaints.length;
    if (more > 0) complain(`${path}: ${formatCount(more)} more`);
  }
}
