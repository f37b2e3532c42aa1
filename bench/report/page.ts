/** The page of a benchmark: one self-contained file with charts and tables; it asks nothing of any network. */
import { reportStyle } from '../../report/report-style.ts';
import { escapeHtml } from '../../report/report-svg.ts';
import { cell, table } from '../../report/report-tables.ts';
import type { TableColumn as Column } from '../../base/text-table.ts';
import { type Bar, type Group, ratioBars, timeBars } from './page-bars.ts';
import { BOUND_SLOTS, numbered, rooflineChart } from './page-roofline.ts';
import {
  type Circumstances,
  closingLines,
  columnsOf,
  formatMs,
  formatRatio,
  type Goal,
  goalsOf,
  isMet,
  type Report,
  type Row,
  workOf,
} from './report.ts';

const style = `
.chart .bar,.chart .point,.swatch rect{fill:var(--own)}
.chart .point{stroke:var(--page);stroke-width:.8}
.large .point-label{font-size:8px}
.chart .roof{stroke:var(--ink);stroke-width:1.6}
.chart .goal{stroke:var(--ink);stroke-width:2}
.chart .goal.short{stroke:var(--rejected)}
.chart .goal-edge{stroke:var(--page);stroke-width:5}
.chart text.short{fill:var(--rejected)}
.chart .group-title{font-weight:600;paint-order:stroke;stroke:var(--page);stroke-width:4px}
.bars{max-width:760px}
.key{columns:3 260px;margin:12px 0 0;padding:0;list-style:none;font-size:13px;font-variant-numeric:tabular-nums}
.key li{break-inside:avoid;display:flex;gap:8px}
.key b{min-width:2ch;text-align:right}
.where{overflow-wrap:anywhere}
@media (max-width:560px){.large .point-label{font-size:13px}}
`;

export function renderPage(suite: string, report: Report, { date, where }: Circumstances): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(`limbeck bench ${suite}, ${report.adapter}`)}</title>
<style>${reportStyle}${style}</style>
</head>
<body>
<main>
${[
  header(suite, report, date),
  goalSection(goalsOf(report)),
  rooflineSection(report),
  variantSection(report.rows),
  trainingSection(report.rows),
  peerSection(report),
  tableSection(report),
].join('\n')}
<footer><span class="where">${escapeHtml(where)}</span> Made by npm run bench -- ${escapeHtml(suite)}.</footer>
</main>
</body>
</html>
`;
}

function header(suite: string, report: Report, date: string): string {
  const { adapter, roofline, coldStart } = report;
  const goals = goalsOf(report);
  const met = goals.length > 0 ? `: ${goals.filter(isMet).length} of ${goals.length} goals met` : '';
  const facts: [string, string][] = [
    ['multiplications and additions', `${roofline.fmaGflops.toPrecision(3)} GFLOP/s`],
    ['copy, read and written', `${roofline.copyGBs.toPrecision(3)} GB/s`],
    ['small dispatch', `${roofline.dispatchUs.toPrecision(3)} µs`],
    ['submit that is read', `${roofline.submitReadUs.toFixed(0)} µs`],
    ...(coldStart ? [['cold start', `${coldStart.ms.toFixed(0)} ms`] as [string, string]] : []),
  ];
  const items = facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd></div>`);
  return `<header>
<p class="kicker">limbeck bench ${escapeHtml(suite)}, ${date}</p>
<h1>${escapeHtml(`${adapter}${met}`)}</h1>
<dl class="facts">${items.join('')}</dl>
</header>`;
}

function goalSection(goals: readonly Goal[]): string {
  if (goals.length === 0) return '';
  const columns: Column<Goal>[] = [
    { title: 'work', align: 'left', cell: ({ work }) => work },
    { title: 'against', align: 'left', cell: ({ name }) => name },
    { title: 'ratio', align: 'right', cell: ({ ratio }) => formatRatio(ratio) },
    { title: 'goal', align: 'right', cell: ({ goal }) => `${goal}×` },
    { title: '', align: 'left', cell: (goal) => (isMet(goal) ? 'met' : 'falls short') },
  ];
  const note = 'How many times as long the other takes; of several peers on WebGPU the fastest.';
  return `<section><h2>Goals</h2>${htmlTable('Goals', note, columns, goals)}</section>`;
}

function rooflineSection({ rows, roofline }: Report): string {
  const points = numbered(rows);
  if (points.length === 0) return '';
  const key = points.map(({ number, row }) => `<li><b>${number}</b>${escapeHtml(workOf(row))}</li>`);
  const bounds = Object.entries(BOUND_SLOTS).map(([name, slot]) => swatch(slot, name));
  return `<section><h2>Roofline</h2>
<ul class="legend">${bounds.join('')}</ul>
<figure>${rooflineChart(points, roofline)}
<figcaption>Every work by its operations for each byte that it has to move, and its speed. The line: what memory (the
slope) and arithmetic (the level) leave. The colour: which limit is nearest; small works wait for their dispatch. Above the
slope: operands stayed in a cache.</figcaption></figure>
<ul class="key">${key.join('')}</ul></section>`;
}

/** Ways to do the same that are no training: portable and native mathematics, fused and composed losses. */
function variantSection(rows: readonly Row[]): string {
  const others = rows.filter((row) => row.ratio !== undefined && row.submits === undefined);
  const barsOf = (variant: string, labelOf: (row: Row) => string, slot: string): Bar[] =>
    others
      .filter((row) => row.variant === variant)
      .map((row) => ({
        label: labelOf(row),
        value: row.ratio!,
        text: formatRatio(row.ratio!),
        slot,
        goal: row.goal,
      }));
  const groups: Group[] = [
    {
      title: 'Loss with gradients, composed over fused',
      bars: barsOf('composed', ({ name, shape }) => `${name.split(',')[0]} ${shape}`, 'm6'),
    },
    { title: 'Function, native over portable', bars: barsOf('native', ({ name }) => name, 'm4') },
  ].filter(({ bars }) => bars.length > 0);
  if (groups.length === 0) return '';
  const look = { id: 'variants', title: 'Other ways to do the same' };
  return `<section><h2>Fused and composed, portable and native</h2>
<figure class="bars">${ratioBars(groups, look)}
<figcaption>How many times as long the loss takes when its definition is carried out op by op (the stroke: the goal), and
WGSL's built-in function in place of the portable one: left of 1× the built-in is faster.</figcaption></figure></section>`;
}

const WAYS: Readonly<Record<string, string>> = { captured: 'm6', eager: 'm2' };

function trainingSection(rows: readonly Row[]): string {
  const steps = rows.filter(({ submits, dispatches }) => submits !== undefined && dispatches !== undefined);
  const groups = [...new Set(steps.map(workOf))].map((work) => ({
    title: work,
    bars: steps
      .filter((row) => workOf(row) === work)
      .map((row) => ({
        label: row.variant.replace('captured, ', ''),
        value: row.ms,
        text: `${formatMs(row.ms)} ms`,
        slot: WAYS[row.variant] ?? 'm3',
      })),
  }));
  if (groups.length === 0) return '';
  return `<section><h2>Training steps</h2>
<figure class="bars">${timeBars(groups, { id: 'training', title: 'Milliseconds a training step' })}
<figcaption>The bars of a network share a scale. Captured: replayed in one submit, as train does it. Eager: a loop of one's
own. Composed loss: captured, with the loss op by op.</figcaption></figure></section>`;
}

function peerSection({ peers, failures }: Report): string {
  if (peers.length === 0) return '';
  const names = [...new Set(peers.map(({ name }) => name))];
  const slots = ['m5', 'm2', 'm3', 'm4', 'm6'];
  const groups = [...new Set(peers.map(({ work }) => work))].map((work) => ({
    title: work,
    bars: peers
      .filter((peer) => peer.work === work)
      .map(({ name, ratio, goal }) => ({
        label: name,
        value: ratio,
        text: formatRatio(ratio),
        slot: slots[names.indexOf(name) % slots.length]!,
        goal,
      })),
  }));
  const failed = failures.map(
    ({ work, name, reason }) => `<li>${escapeHtml(`${work}: ${name}: ${reason}`)}</li>`,
  );
  return `<section><h2>Peers</h2>
<figure class="bars">${ratioBars(groups, { id: 'peers', title: 'How many times as long peers take' })}
<figcaption>How many times as long a peer takes for the same work with the same numbers: right of 1× we are faster. Strokes
are goals.</figcaption></figure>
${failed.length > 0 ? `<p class="note">Left out, because the peer failed:</p><ul class="note">${failed.join('')}</ul>` : ''}</section>`;
}

function tableSection(report: Report): string {
  const lines = closingLines({ ...report, failures: [] }).filter((line) => !/ goals? | wanted /.test(line));
  return `<section><h2>All figures</h2>
${htmlTable('All figures', lines.join(' '), columnsOf(report), report.rows)}</section>`;
}

function htmlTable<T>(name: string, note: string, columns: readonly Column<T>[], rows: readonly T[]): string {
  const head = columns.map(({ title, align }) => cell('th', title, align, ' scope="col"'));
  const body = rows.map((row) => {
    const cells = columns.map((column, i) =>
      i === 0
        ? cell('th', column.cell(row), 'left', ' scope="row"')
        : cell('td', column.cell(row), column.align),
    );
    return `<tr>${cells.join('')}</tr>`;
  });
  return table(name, note, head.join(''), body);
}

function swatch(slot: string, text: string): string {
  const box = `<svg class="sample mark swatch" viewBox="0 0 12 12" aria-hidden="true"><rect class="${slot}" x="1" y="1" width="10" height="10"/></svg>`;
  return `<li>${box}${escapeHtml(text)}</li>`;
}
