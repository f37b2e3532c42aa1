/** What a Parquet file holds: columns with their types, and of those with numbers what a table says. */
import { compressors } from 'hyparquet-compressors';
import { parquetColumns, readParquet } from '../../datasets/parquet.ts';
import type { Inspection } from './inspection.ts';
import { listOf, sayGaps, sizeOf } from './inspect-table.ts';

export async function describeParquet(bytes: Uint8Array, { path, say, complain }: Inspection): Promise<void> {
  const columns = parquetColumns(bytes, { where: path });
  say(`  ${listOf(columns.map(({ name, type }) => `${name}: ${type}`))}`);
  const numeric = columns.filter(({ isNumeric }) => isNumeric).map(({ name }) => name);
  if (numeric.length === 0) return complain(`${path} has no column of numbers`);
  const table = await readParquet(bytes, { where: path, columns: numeric, missing: 'keep', compressors });
  say(`  ${sizeOf(table)} of numbers`);
  sayGaps(table, say);
}
