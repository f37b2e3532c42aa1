/** What add-ons close of the gap to the teacher, as tables. */
import { formatInterval, formatPercent } from '../../base/format.ts';
import { metricWords } from '../metric.ts';
import type { TableColumn as Column } from '../../base/text-table.ts';
import type { Gap, GapSummary, GapTable } from '../../study/plan/gaps.ts';
import type { Merged } from '../../study/plan/merge.ts';
import { axesOf, wordsOf } from './merged-lines.ts';

export const gapNote =
  'Lower by: the share by which the mean error is below that of the method without add-ons. Of the gap: what it falls by, ' +
  'over what the method without them is above its teacher, if that is 5 % at least. All over the seeds that teacher and both ' +
  'methods have.';

export function gapColumns(merged: Merged): Column<Gap>[] {
  const words = ({ row }: Gap) => metricWords({ rows: [row] });
  return [
    ...axesOf(merged).map(
      (name): Column<Gap> => ({
        title: name,
        align: 'left',
        cell: ({ cell }) => String(cell.at[name] ?? ''),
      }),
    ),
    { title: 'teacher', align: 'right', cell: (gap) => words(gap).format(gap.errors.teacher.mean) },
    { title: 'method', align: 'left', cell: ({ base }) => base },
    { title: 'error', align: 'right', cell: (gap) => words(gap).format(gap.errors.base.mean) },
    { title: 'with', align: 'left', cell: ({ row }) => /\+\S+/.exec(row.method)![0] },
    { title: 'error', align: 'right', cell: (gap) => words(gap).format(gap.errors.own.mean) },
    {
      title: 'difference, 95 % CI',
      align: 'left',
      cell: (gap) => formatInterval(gap.comparison.difference.ci95, words(gap).formatSigned),
    },
    { title: 'lower by', align: 'right', cell: ({ comparison }) => formatPercent(comparison.reduction.mean) },
    {
      title: 'of the gap',
      align: 'right',
      cell: ({ closed }) => (closed ? formatPercent(closed.mean) : 'no gap'),
    },
    {
      title: '95 % CI',
      align: 'left',
      cell: ({ closed }) => formatInterval(closed?.ci95 ?? null, formatPercent),
    },
  ];
}

export function gapTitle({ at }: Pick<GapTable, 'at'>): string {
  return at === undefined ? 'Add-ons over all cells' : `Add-ons, ${wordsOf(at)}`;
}

export const summaryColumns: readonly Column<GapSummary>[] = [
  { title: 'method', align: 'left', cell: ({ method }) => method },
  { title: 'cells', align: 'right', cell: ({ cells }) => String(cells) },
  { title: 'lower by, mean', align: 'right', cell: ({ reduction }) => formatPercent(reduction.mean) },
  {
    title: '95 % CI over cells',
    align: 'left',
    cell: ({ reduction }) => formatInterval(reduction.ci95, formatPercent),
  },
  {
    title: 'of the gap, median',
    align: 'right',
    cell: ({ closed }) => (closed === undefined ? '–' : formatPercent(closed)),
  },
  { title: 'cells without a gap', align: 'right', cell: ({ near }) => String(near) },
];
