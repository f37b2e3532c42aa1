/** Of a merged plan, in tables: add-ons beside their controls. */
import { formatError, formatInterval, formatSigned } from '../../base/format.ts';
import { mean } from '../../base/statistics.ts';
import type { TableColumn as Column } from '../../base/text-table.ts';
import type { Merged } from '../../study/plan/merge.ts';
import type { MergedControl } from '../../study/plan/merged-controls.ts';
import { metricWords } from '../metric.ts';
import { judge } from '../verdict.ts';
import { axesOf } from './merged-lines.ts';

export const controlNote =
  'A method minus one that differs from it in an add-on alone, seed by seed: in its error, and in its imitation loss to the ' +
  'teacher over the rows that students learn from. An interval below zero: better.';

export function controlColumns(merged: Merged): Column<MergedControl>[] {
  const axes = axesOf(merged).map(
    (name): Column<MergedControl> => ({
      title: name,
      align: 'left',
      cell: ({ cell }) => String(cell.at[name] ?? ''),
    }),
  );
  return [
    ...axes,
    { title: 'comparison', align: 'left', cell: ({ row, control }) => `${row.method} − ${control}` },
    {
      title: 'error',
      align: 'right',
      cell: ({ row, error }) => metricWords({ rows: [row] }).formatSigned(error.mean),
    },
    {
      title: '95 % CI',
      align: 'left',
      cell: ({ row, error }) => formatInterval(error.ci95, metricWords({ rows: [row] }).formatSigned),
    },
    {
      title: 'imitation loss',
      align: 'right',
      cell: ({ imitationLoss: loss }) => (loss ? formatSigned(loss.mean) : '–'),
    },
    {
      title: '95 % CI',
      align: 'left',
      cell: ({ imitationLoss: loss }) => formatInterval(loss?.ci95 ?? null, formatSigned),
    },
    { title: 'verdict of the error', align: 'left', cell: ({ error }) => judge(error) },
  ];
}

/** The mean of an imitation loss over seeds. */
export function formatLoss(values: Iterable<number>): string {
  const all = [...values];
  return all.length > 0 ? formatError(mean(all)) : '–';
}
