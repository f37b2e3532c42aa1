/** Bars: times of the same work, and ratios around 1× with the ratio that was wanted. */
import {
  escapeHtml,
  extent,
  figureSvg,
  type Frame,
  linearScale,
  logScale,
  px,
  type Scale,
} from '../../report/report-svg.ts';
import { isMet } from './report.ts';

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** The value in words, at the end of the row. */
  readonly text: string;
  /** Class of its colour. */
  readonly slot: string;
  /** The value that was wanted. */
  readonly goal?: number;
}

export interface Group {
  readonly title: string;
  readonly bars: readonly Bar[];
}

interface Look {
  readonly id: string;
  readonly title: string;
}

const WIDTH = 640;
const LEFT = 150;
const RIGHT = 96;
const TITLE_HEIGHT = 22;
const ROW_HEIGHT = 19;
const GAP = 10;
const TOP = 26;

/** From 0; the bars of a group share a scale, which is no other group's. */
export function timeBars(groups: readonly Group[], look: Look): string {
  return barChart(groups, look, ({ bars }) => {
    const most = Math.max(...bars.map(({ value }) => value));
    return linearScale([0, most], [LEFT, WIDTH - RIGHT]);
  });
}

/** Logarithmic, from 1× to the right or the left; a stroke where the goal is. */
export function ratioBars(groups: readonly Group[], look: Look): string {
  const values = groups.flatMap(({ bars }) => bars.flatMap(({ value, goal = 1 }) => [value, goal, 1]));
  const [low, high] = extent(values);
  const scale = logScale([low / 1.15, high * 1.15], [LEFT, WIDTH - RIGHT]);
  return barChart(groups, look, () => scale, scale);
}

function barChart(
  groups: readonly Group[],
  { id, title }: Look,
  scaleOf: (group: Group) => Scale,
  shared?: Scale,
): string {
  let y = TOP;
  const parts: string[] = [];
  for (const group of groups) {
    const scale = scaleOf(group);
    parts.push(
      `<text class="group-title middle" x="2" y="${px(y + TITLE_HEIGHT / 2)}">${escapeHtml(group.title)}</text>`,
    );
    y += TITLE_HEIGHT;
    for (const bar of group.bars) {
      parts.push(rowOf(bar, y, scale, shared ? 1 : 0));
      y += ROW_HEIGHT;
    }
    y += GAP;
  }
  const frame: Frame = { width: WIDTH, height: y, left: LEFT, right: RIGHT, top: TOP, bottom: 0 };
  const description = groups
    .map(
      ({ title: name, bars }) => `${name}: ${bars.map(({ label, text }) => `${label} ${text}`).join(', ')}`,
    )
    .join('; ');
  const body = (shared ? ratioAxis(shared, y) : '') + parts.join('');
  return figureSvg(id, frame, { title, description: `${description}.`, kind: 'medium' }, body);
}

function rowOf({ label, value, text, slot, goal }: Bar, top: number, scale: Scale, from: number): string {
  const middle = px(top + ROW_HEIGHT / 2);
  const [start, end] = [scale(from), scale(value)].sort((a, b) => a - b) as [number, number];
  const rect =
    `<rect class="bar ${slot}" x="${px(start)}" y="${px(top + 3)}" width="${px(Math.max(1, end - start))}" ` +
    `height="${ROW_HEIGHT - 6}"><title>${escapeHtml(`${label}: ${text}`)}</title></rect>`;
  const isShort = goal !== undefined && !isMet({ ratio: value, goal });
  const stroke = goal === undefined ? '' : `d="M${px(scale(goal))} ${px(top + 0.5)}v${ROW_HEIGHT - 1}"`;
  // With an edge in the colour of the page it shows on its own bar, too.
  const mark =
    stroke && `<path class="goal-edge" ${stroke}/><path class="goal${isShort ? ' short' : ''}" ${stroke}/>`;
  return (
    `<text class="tick end middle" x="${LEFT - 8}" y="${middle}">${escapeHtml(label)}</text>${rect}${mark}` +
    `<text class="middle${isShort ? ' short' : ''}" x="${WIDTH - RIGHT + 8}" y="${middle}">${escapeHtml(text)}</text>`
  );
}

/** Few numbers on top, and 1× from top to bottom. */
function ratioAxis(scale: Scale, bottom: number): string {
  const spaced = scale.ticks.filter(
    (tick, i, ticks) => i === 0 || tick === 1 || scale(tick) - scale(ticks[i - 1]!) > 30,
  );
  const lines = spaced.map((tick) => {
    const x = px(scale(tick));
    return (
      `<path class="${tick === 1 ? 'zero' : 'grid'}" d="M${x} ${TOP - 4}V${px(bottom)}"/>` +
      `<text class="tick center" x="${x}" y="${TOP - 10}">${tick}×</text>`
    );
  });
  return lines.join('');
}
