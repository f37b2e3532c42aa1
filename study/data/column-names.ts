/** What a study's networks read and predict, by name. */
import { chooseColumns } from '../../datasets/table-dataset.ts';
import type { StudyConfig } from '../results.ts';
import type { DataInput } from './seed-dataset.ts';

/** What goes in and what comes out, by name. */
export interface ColumnNames {
  readonly inputs: readonly string[];
  readonly targets: readonly string[];
}

/** Of a configuration that fits its data. */
export function columnNames(config: StudyConfig, { table }: DataInput): ColumnNames {
  const { data, target, teacherColumn: teacher } = config;
  if (table) return chooseColumns(table, { target, teacher });
  if (data === 'sinusoid') return { inputs: ['x'], targets: ['y'] };
  return { inputs: ['image'], targets: target };
}
