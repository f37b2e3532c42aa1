/** How much smaller errors are than the baseline's: a panel a cell of the grid, a bar a method, one scale for all. */
import { formatInterval, formatPercent } from '../../base/format.ts';
import type { SlotOf } from '../report-marks.ts';
import { escapeHtml, extent, figureSvg, linearScale, padded, px, type Scale } from '../report-svg.ts';
import type { Cell, Merged, MergedRow } from '../../study/plan/merge.ts';
import { wordsOf } from './merged-lines.ts';

const width = 520;
const right = 62;
const rowHeight = 24;
const top = 8;

export interface ReductionPanel {
  title: string;
  svg: string;
}

/** None without the baseline. */
export function reductionPanels({ cells, plan }: Merged, slotOf: SlotOf): ReductionPanel[] {
  const drawn = cells.filter(({ rows }) => rows.some(({ toBaseline }) => toBaseline));
  const longest = Math.max(...drawn.flatMap(({ rows }) => rows.map(({ method }) => method.length)));
  const left = Math.min(240, 20 + 8 * longest);
  const x = linearScale(domainOf(drawn), [left, width - right], 6);
  return drawn.map((cell, i) => ({
    title: wordsOf(cell.at) || plan.name,
    svg: panel(cell, { id: `reduction-${i}`, left, x, slotOf, baseline: plan.baseline }),
  }));
}

/** Zero, all means, and of the intervals what is not far off. */
function domainOf(cells: readonly Cell[]): [number, number] {
  const all = cells.flatMap(({ rows }) => rows.flatMap(({ toBaseline }) => toBaseline?.reduction ?? []));
  const [low, high] = extent([0, ...all.map(({ mean }) => mean)]);
  const room = Math.max(0.02, high - low) * 0.5;
  const ends = extent([low, high, ...all.flatMap(({ ci95 }) => ci95 ?? [])]);
  return padded([Math.max(ends[0], low - room), Math.min(ends[1], high + room)], 0.03);
}

function panel(
  { at, rows }: Cell,
  { id, left, x, slotOf, baseline }: { id: string; left: number; x: Scale; slotOf: SlotOf; baseline: string },
): string {
  const compared = rows.filter(({ toBaseline }) => toBaseline);
  const bottom = top + rowHeight * compared.length;
  const height = bottom + 24;
  const grid = x.ticks.map(
    (tick) =>
      `<path class="grid" d="M${px(x(tick))} ${top}V${bottom}"/>` +
      `<text class="tick center hang" x="${px(x(tick))}" y="${bottom + 6}">${formatPercent(tick)}</text>`,
  );
  const bars = compared.map((row, i) =>
    bar(row, { y: top + rowHeight * (i + 0.5), left, x, slot: slotOf(row.method) }),
  );
  const zero = `<path class="zero" d="M${px(x(0))} ${top}V${bottom}"/>`;
  const description = compared
    .map(({ method, toBaseline }) => `${method} ${formatPercent(toBaseline!.reduction.mean)}`)
    .join('; ');
  const title = `Reduction of the error of ${baseline}${Object.keys(at).length > 0 ? `, ${wordsOf(at)}` : ''}`;
  const body = grid.join('') + bars.join('') + zero;
  return figureSvg(id, { width, height }, { title, description: `${description}.`, kind: 'medium' }, body);
}

function bar(
  { method, toBaseline }: MergedRow,
  { y, left, x, slot }: { y: number; left: number; x: Scale; slot: string },
): string {
  const { mean, ci95 } = toBaseline!.reduction;
  const [from, to] = [Math.min(x(0), x(mean)), Math.max(x(0), x(mean))];
  const inside = (value: number) => Math.min(width - right, Math.max(left, x(value)));
  const whisker = ci95
    ? `<path class="interval ${slot}" d="M${px(inside(ci95[0]))} ${px(y)}H${px(inside(ci95[1]))}"/>`
    : '';
  return (
    `<text class="row-label end middle" x="${left - 10}" y="${px(y)}">${escapeHtml(method)}</text>` +
    `<rect class="bar ${slot}" x="${px(from)}" y="${px(y - 7)}" width="${px(Math.max(1, to - from))}" height="14">` +
    `<title>${escapeHtml(`${method}: ${formatPercent(mean)} ${formatInterval(ci95, formatPercent)}`)}</title></rect>` +
    `${whisker}<text class="row-value end middle" x="${width - 2}" y="${px(y)}">${formatPercent(mean)}</text>`
  );
}
