/** report.html of a plan: one self-contained page with its plots and tables. */
import { legend, slotClasses } from '../report-marks.ts';
import { reportStyle } from '../report-style.ts';
import { contentSecurityPolicy, escapeHtml } from '../report-svg.ts';
import type { TableColumn as Column } from '../../base/text-table.ts';
import { axisCharts, numericAxes } from './axis-charts.ts';
import { controlColumns, controlNote } from './control-text.ts';
import { gapColumns, gapNote, gapTitle, summaryColumns } from './gap-text.ts';
import { gapsOf, gapTables } from '../../study/plan/gaps.ts';
import { isTeacher, type Merged } from '../../study/plan/merge.ts';
import { mergedControls } from '../../study/plan/merged-controls.ts';
import { linesOf } from './merged-lines.ts';
import { mergedColumns, rankColumns, rankNote, rankTitle, stateLines } from './merge-text.ts';
import { type RankTable, rankTables } from '../../study/plan/ranks.ts';
import { reductionPanels } from './reduction-bars.ts';

/** More panels than anybody looks at; the tables have all cells. */
const mostPanels = 36;

const style = `${reportStyle}
.bar{fill:var(--own);opacity:.5}
.chart .area{opacity:.1}
.medium .row-label,.medium .row-value{font-size:13px}
tr.group>*{border-top:1.5px solid var(--rule)}
.ranks{row-gap:26px;margin-top:14px}`;

export function mergedPage(merged: Merged): string {
  const { name } = merged.plan;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
${contentSecurityPolicy}
<title>${escapeHtml(`${name}: study`)}</title>
<style>${style}</style>
</head>
<body>
<main>
${[header(merged), ...rankSection(merged), ...gapSection(merged), ...controlSection(merged), ...axisSections(merged), ...reductionSection(merged), tableSection(merged), settingsSection(merged)].join('\n')}
<footer>Made by limbeck study merge. The numbers of this page are in results.csv, those of every seed in seeds.csv.</footer>
</main>
</body>
</html>
`;
}

function header(merged: Merged): string {
  const { plan, cells, methods, missing, failed } = merged;
  const students = methods.filter((method) => !isTeacher(method));
  const seeds = new Set(plan.runs.flatMap((run) => run.seeds)).size;
  const done = plan.runs.length - missing.length - failed.length;
  const facts = [
    ['runs done', `${done} of ${plan.runs.length}`],
    ['cells of the grid', String(cells.length)],
    ['methods', String(students.length)],
    ['seeds', String(seeds)],
  ].map(([term, value]) => `<div><dt>${term}</dt><dd>${value}</dd></div>`);
  const [, ...rest] = stateLines(merged);
  const isWhole = missing.length + failed.length === 0;
  const lines = rest.slice(0, -1).map((line) => `<p class="warning">${escapeHtml(line)}</p>`);
  return `<header>
<p class="kicker">A study of ${students.length} methods</p>
<h1>${escapeHtml(plan.name)}</h1>
${isWhole ? '' : '<p>Not all runs are done: the numbers are those of what is.</p>'}
${lines.join('\n')}
<p class="note">${escapeHtml(rest.at(-1)!)}</p>
<dl class="facts">${facts.join('')}</dl>
</header>`;
}

function rankSection(merged: Merged): string[] {
  const { baseline } = merged.plan;
  const tables = rankTables(merged).filter(({ ranks }) => ranks.length > 0);
  if (tables.length === 0) return [];
  const hasReductions = tables.some(({ ranks }) => ranks.some(({ reduction }) => reduction));
  const one = (table: RankTable) =>
    `<div><h3>${escapeHtml(rankTitle(table.at))}</h3><p class="note">${rankNote(table)}</p>` +
    `${htmlTable(rankColumns(baseline, table.ranks), table.ranks, rankTitle(table.at))}</div>`;
  return [
    `<section><h2>Ranks</h2>
<p class="note">Rank 1 is the smallest error.${
      hasReductions
        ? ` A reduction is the share by which the error is below that of
${escapeHtml(baseline)}, mean over cells with its 95 % interval over cells.`
        : ''
    }</p>
<div class="pair ranks">${tables.map(one).join('\n')}</div></section>`,
  ];
}

function gapSection(merged: Merged): string[] {
  const gaps = gapsOf(merged);
  if (gaps.length === 0) return [];
  const summaries = gapTables(merged).map(
    (table) =>
      `<div><h3>${escapeHtml(gapTitle(table))}</h3>${htmlTable(summaryColumns, table.summaries, gapTitle(table))}</div>`,
  );
  return [
    `<section><h2>The gap to the teacher</h2>
<p class="note">${gapNote}</p>
<div class="ranks">${summaries.join('\n')}</div>
<h3>In each cell</h3>${htmlTable(gapColumns(merged), gaps, 'The gap to the teacher')}</section>`,
  ];
}

function controlSection(merged: Merged): string[] {
  const controls = mergedControls(merged);
  if (controls.length === 0) return [];
  const title = 'Add-ons and their controls';
  return [
    `<section><h2>${title}</h2>
<p class="note">${controlNote}</p>
${htmlTable(controlColumns(merged), controls, title)}</section>`,
  ];
}

function axisSections(merged: Merged): string[] {
  const slotOf = slotClasses(merged.methods);
  const students = merged.methods.filter((method) => !isTeacher(method));
  return numericAxes(merged).flatMap((axis) => {
    const charts = axisCharts(merged, axis, slotOf);
    if (charts.length === 0) return [];
    const figures = charts
      .slice(0, mostPanels)
      .map(({ title, svg }) => `<figure><h3>${escapeHtml(title)}</h3>${svg}</figure>`);
    return `<section><h2>Error over ${escapeHtml(axis)}</h2>
${legend(students, slotOf)}
<div class="pair">${figures.join('\n')}</div>
<p class="note">Lines: means over seeds; bands: their 95 % Student-t intervals, cut where they leave the plot.
${leftOut(charts.length)}</p></section>`;
  });
}

function reductionSection(merged: Merged): string[] {
  const panels = reductionPanels(merged, slotClasses(merged.methods));
  if (panels.length === 0) return [];
  const figures = panels
    .slice(0, mostPanels)
    .map(({ title, svg }) => `<figure><h3>${escapeHtml(title)}</h3>${svg}</figure>`);
  return [
    `<section><h2>Reduction of the error of ${escapeHtml(merged.plan.baseline)}</h2>
<div class="pair">${figures.join('\n')}</div>
<p class="note">Seed by seed: the mean difference and its 95 % interval, both divided by the baseline's mean error. To the
right: better. Intervals are cut at the edge of the plot. ${leftOut(panels.length)}</p></section>`,
  ];
}

function leftOut(panels: number): string {
  return panels > mostPanels ? `${panels - mostPanels} more panels are not drawn; the table has them.` : '';
}

function tableSection(merged: Merged): string {
  const lines = linesOf(merged);
  const isFirst = lines.map(({ cell }, i) => i > 0 && lines[i - 1]!.cell !== cell);
  return `<section><h2>All numbers</h2>
${htmlTable(mergedColumns(merged), lines, 'All numbers', isFirst)}</section>`;
}

function settingsSection({ plan }: Merged): string {
  const item = ([name, value]: readonly [string, string]) =>
    `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value || 'yes')}</dd></div>`;
  const axes = plan.axes.map(({ name, values }) => [name, values.join(' | ')] as const);
  return `<section><h2>Configuration</h2>
<dl class="settings">${[...Object.entries(plan.base), ...axes].map(item).join('')}</dl></section>`;
}

/** `isNewGroup` draws a line above a row. */
function htmlTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  name: string,
  isNewGroup: readonly boolean[] = [],
): string {
  const attribute = ({ align }: Column<Row>) => (align === 'right' ? ' class="number"' : '');
  const head = columns.map(
    (column) => `<th scope="col"${attribute(column)}>${escapeHtml(column.title)}</th>`,
  );
  const body = rows.map((row, i) => {
    const cells = columns.map((column) => `<td${attribute(column)}>${escapeHtml(column.cell(row))}</td>`);
    return `<tr${isNewGroup[i] ? ' class="group"' : ''}>${cells.join('')}</tr>`;
  });
  return (
    `<div class="scroll" role="region" aria-label="${escapeHtml(name)}" tabindex="0"><table>` +
    `<thead><tr>${head.join('')}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`
  );
}
