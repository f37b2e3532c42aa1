/** A Parquet file as a table, whatever packs its pages, by packages that are loaded when such a file comes. */
import type { ColumnReference } from '../../datasets/columns.ts';
import type { Table } from '../../datasets/dataset.ts';
import { DatasetError } from '../../datasets/dataset-error.ts';
import { describeGap } from '../../datasets/missing.ts';
import { withPackage } from './with-package.ts';

interface Given {
  readonly where: string;
  readonly group: string | undefined;
  readonly classes?: string | true | undefined;
  readonly missing: 'keep' | undefined;
  /** Numbers that stand for missing ones. */
  readonly missingValues?: readonly string[] | undefined;
}

/** `choose` chooses of the file's columns by name; undefined is all that hold numbers but for an index of pandas. */
export async function readParquetTable(
  bytes: Uint8Array,
  { where, group, classes, missing, missingValues = [] }: Given,
  choose: (names: readonly string[]) => readonly ColumnReference[] | undefined,
): Promise<Table> {
  const { parquetColumns, readParquet } = await withPackage(
    'hyparquet',
    () => import('../../datasets/parquet.ts'),
  );
  const columns = choose(parquetColumns(bytes, { where }).map(({ name }) => name));
  const options = {
    where,
    ...(columns ? { columns } : {}),
    ...(group === undefined ? {} : { group }),
    ...(classes === undefined ? {} : { classes }),
    ...(missing || missingValues.length > 0 ? { missing: 'keep' as const } : {}),
  };
  const table = await readParquet(bytes, options).catch(async (error: unknown) => {
    const isPacked = error instanceof Error && 'fault' in error && error.fault === 'unsupported';
    if (!isPacked) throw error;
    const { compressors } = await withPackage('hyparquet-compressors', () => import('hyparquet-compressors'));
    return readParquet(bytes, { ...options, compressors });
  });
  if (missingValues.length === 0) return table;
  const gaps = new Set(missingValues.map(Number));
  const values = table.values.map((value) => (gaps.has(value) ? NaN : value));
  const whole = { ...table, values };
  const gap = missing ? undefined : describeGap(whole);
  if (gap)
    throw new DatasetError(
      where,
      `${gap}; fill it in, remove the row, or say what to do about missing numbers`,
    );
  return whole;
}
