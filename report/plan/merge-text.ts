/** A merged plan as Markdown, and the columns of its tables. */
import { formatCount, formatInterval, formatPercent } from '../../base/format.ts';
import { metricWords } from '../metric.ts';
import type { Interval } from '../../base/statistics.ts';
import { escapeMarkdown, type TableColumn as Column, markdownTable } from '../../base/text-table.ts';
import { axesOf, type Line, linesOf, wordsOf } from './merged-lines.ts';
import { controlColumns, controlNote, formatLoss } from './control-text.ts';
import { gapColumns, gapNote, gapTitle, summaryColumns } from './gap-text.ts';
import { gapsOf, gapTables } from '../../study/plan/gaps.ts';
import type { Comparison, Merged, MergedRow, Values } from '../../study/plan/merge.ts';
import { mergedControls } from '../../study/plan/merged-controls.ts';
import { nameOf } from '../../study/plan/plan.ts';
import { type Rank, rankTables } from '../../study/plan/ranks.ts';

export function mergedMarkdown(merged: Merged): string {
  const { plan } = merged;
  return [
    `# ${escapeMarkdown(plan.name)}`,
    '',
    ...stateLines(merged).map((line) => `- ${escapeMarkdown(line)}`),
    '',
    ...markdownTable(mergedColumns(merged), linesOf(merged), escapeMarkdown),
    ...rankTables(merged).flatMap((table) => [
      '',
      `## ${escapeMarkdown(rankTitle(table.at))}`,
      '',
      ...(table.ranks.length > 0
        ? markdownTable(rankColumns(plan.baseline, table.ranks), table.ranks, escapeMarkdown)
        : []),
      ...(table.ranks.length > 0 ? [''] : []),
      `${rankNote(table)}`,
    ]),
    ...gapLines(merged),
    ...controlLines(merged),
    '',
  ].join('\n');
}

function gapLines(merged: Merged): string[] {
  const gaps = gapsOf(merged);
  if (gaps.length === 0) return [];
  return [
    ...['', '## The gap to the teacher', '', gapNote, ''],
    ...markdownTable(gapColumns(merged), gaps, escapeMarkdown),
    ...gapTables(merged).flatMap((table) => [
      ...['', `### ${escapeMarkdown(gapTitle(table))}`, ''],
      ...markdownTable(summaryColumns, table.summaries, escapeMarkdown),
    ]),
  ];
}

function controlLines(merged: Merged): string[] {
  const controls = mergedControls(merged);
  if (controls.length === 0) return [];
  const table = markdownTable(controlColumns(merged), controls, escapeMarkdown);
  return ['', '## Add-ons and their controls', '', controlNote, '', ...table];
}

/** How much of the plan there is, and what is wrong with it. */
export function stateLines({ plan, missing, failed, adapters }: Merged): string[] {
  const done = plan.runs.length - missing.length - failed.length;
  const most = 10;
  const list = (runs: readonly string[]) =>
    `${runs.slice(0, most).join('; ')}${runs.length > most ? `; and ${runs.length - most} more` : ''}`;
  return [
    `${done} of ${formatCount(plan.runs.length)} runs are done`,
    ...(missing.length > 0 ? [`missing: ${list(missing.map(nameOf))}`] : []),
    ...(failed.length > 0
      ? [`failed: ${list(failed.map(({ run, message }) => `${nameOf(run)}: ${message}`))}`]
      : []),
    ...(adapters.length > 1 ? [`results of ${adapters.length} adapters: ${adapters.join('; ')}`] : []),
    `limbeck ${plan.version}, numerics ${plan.numerics}${adapters.length === 1 ? `, ${adapters[0]}` : ''}`,
  ];
}

export function rankTitle(at: Values | undefined): string {
  return at === undefined ? 'Average ranks' : `Average ranks, ${wordsOf(at)}`;
}

export function rankNote({ cells, left }: { cells: number; left: number }): string {
  const counted = `Over ${cells} ${cells === 1 ? 'cell' : 'cells'} of the grid`;
  return left > 0 ? `${counted}; ${left} without results of every method are left out.` : `${counted}.`;
}

export function mergedColumns(merged: Merged): Column<Line>[] {
  const axes = axesOf(merged).map(
    (name): Column<Line> => ({ title: name, align: 'left', cell: ({ cell }) => String(cell.at[name] ?? '') }),
  );
  const rows = merged.cells.flatMap((cell) => cell.rows);
  const { title, unit } = metricWords({ rows: rows.map(({ metric }) => ({ metric })) });
  const hasOwn = rows.some(({ toOwn }) => toOwn);
  const words = ({ row }: Line) => metricWords({ rows: [row] });
  const difference = (of: (row: MergedRow) => Comparison | undefined): Column<Line>[] => [
    {
      title: '95 % CI',
      align: 'left',
      cell: (line) => formatInterval(of(line.row)?.difference.ci95 ?? null, words(line).formatSigned),
    },
  ];
  const toBaseline: Column<Line>[] = [
    {
      title: `− ${merged.plan.baseline}`,
      align: 'right',
      cell: (line) => signed(line, line.row.toBaseline),
    },
    ...difference(({ toBaseline: to }) => to),
    { title: 'reduction', align: 'right', cell: ({ row }) => share(row.toBaseline?.reduction) },
  ];
  const toOwn: Column<Line>[] = [
    { title: '− own base', align: 'right', cell: (line) => signed(line, line.row.toOwn) },
    ...difference(({ toOwn: to }) => to),
  ];
  return [
    ...axes,
    { title: 'method', align: 'left', cell: ({ row }) => row.method },
    {
      title: `${title}${unit && ` (${unit.trim()})`}`,
      align: 'right',
      cell: (line) => words(line).format(line.row.error.mean),
    },
    {
      title: '95 % CI',
      align: 'left',
      cell: (line) => formatInterval(line.row.error.ci95, words(line).format),
    },
    { title: 'n', align: 'right', cell: ({ row }) => String(row.error.n) },
    ...(rows.some(({ imitation }) => imitation.size > 0) ? [imitationColumn] : []),
    ...(rows.some(({ toBaseline: to }) => to) ? toBaseline : []),
    ...(hasOwn ? toOwn : []),
  ];
}

const imitationColumn: Column<Line> = {
  title: 'imitation loss',
  align: 'right',
  cell: ({ row }) => formatLoss(row.imitation.values()),
};

function signed(line: Line, comparison: Comparison | undefined): string {
  return comparison ? metricWords({ rows: [line.row] }).formatSigned(comparison.difference.mean) : '–';
}

function share(interval: Interval | undefined): string {
  return interval ? formatPercent(interval.mean) : '–';
}

/** The reduction only where a cell has the baseline. */
export function rankColumns(baseline: string, ranks: readonly Rank[]): Column<Rank>[] {
  const reductions: Column<Rank>[] = [
    {
      title: `reduction to ${baseline}`,
      align: 'right',
      cell: ({ reduction }) => share(reduction),
    },
    {
      title: '95 % CI',
      align: 'left',
      cell: ({ reduction }) => formatInterval(reduction?.ci95 ?? null, formatPercent),
    },
  ];
  return [
    { title: 'method', align: 'left', cell: ({ method }) => method },
    { title: 'mean rank', align: 'right', cell: ({ rank }) => rank.toFixed(2) },
    ...(ranks.some(({ reduction }) => reduction) ? reductions : []),
  ];
}
