/** What a study's networks read and predict, by name. */
import { chooseColumns } from '../../datasets/table-dataset.ts';
import type { StudyConfig } from '../results.ts';
import { dataKindOf } from './kinds/all.ts';
import type { ColumnNames } from './kinds/data-kind.ts';
import type { DataInput } from './seed-dataset.ts';

export type { ColumnNames };

/** Of a configuration that fits its data. */
export function columnNames(config: StudyConfig, { table }: DataInput): ColumnNames {
  const { target, teacherColumn: teacher } = config;
  if (table) return chooseColumns(table, { target, teacher });
  return dataKindOf(config).columns ?? { inputs: ['image'], targets: target };
}
