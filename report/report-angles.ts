/** Error by angle: the mean over bins of the truth, a line a method, over bars that say how many rows a bin has. */

import { formatCount } from '../base/format.ts';
import { type AngleBin, type ErrorGroup, errorsByAngle } from './grouped-errors.ts';
import type { SlotOf } from './report-marks.ts';
import {
  escapeHtml,
  extent,
  figureSvg,
  type Frame,
  linearScale,
  linePath,
  px,
  type Scale,
  tickLabel,
  xAxis,
  yAxis,
} from './report-svg.ts';
import type { SeedResult, StudyConfig } from '../study/results.ts';

/** The bars of the counts stand between the curves and the axis. */
const barHeight = 46;
const frame: Frame = { width: 520, height: 340, left: 50, right: 12, top: 28, bottom: 44 };
/** Angles are read in these, not in decades. */
const tickSteps = [1, 2, 5, 10, 15, 30, 45];
/** A bin with a smaller share of the rows has a bar but no error: its mean would be an accident. */
const leastShare = 0.01;

/** A figure a target; none without test rows. */
export function angleFigures(
  { target }: StudyConfig,
  seeds: readonly SeedResult[],
  { methods, slotOf }: { methods: readonly string[]; slotOf: SlotOf },
): string[] {
  return target.flatMap((name, k) => {
    const groups = errorsByAngle(seeds, { target: k, targets: target.length });
    if (groups.length === 0) return [];
    return [
      `<figure><h3>Error by true ${escapeHtml(name)}</h3>${angleChart(groups, { name, k, methods, slotOf })}</figure>`,
    ];
  });
}

function angleChart(
  groups: readonly ErrorGroup<AngleBin>[],
  { name, k, methods, slotOf }: { name: string; k: number; methods: readonly string[]; slotOf: SlotOf },
): string {
  const total = groups.reduce((sum, { rows }) => sum + rows, 0);
  const drawn = groups.filter(({ rows }) => rows >= leastShare * total);
  const x = angleScale(groups.map(({ key }) => key));
  const high = extent(drawn.flatMap(({ means }) => [...means.values()]))[1];
  const y = linearScale([0, high * 1.06 || 1], [frame.height - frame.bottom - barHeight, frame.top]);
  const lines = methods.map((method) => {
    const own = drawn.filter(({ means }) => means.has(method));
    const middles = own.map(({ key }) => (key.low + key.high) / 2);
    const errors = own.map(({ means }) => means.get(method)!);
    const marks = errors.map((error, i) => `M${px(x(middles[i]!))} ${px(y(error))}h0`);
    const slot = slotOf(method);
    return (
      `<path class="line ${slot}" d="${linePath(middles, errors, x, y)}"/>` +
      `<path class="knots ${slot}" d="${marks.join('')}"/>`
    );
  });
  const words = groups.map(({ key, rows }) => `${rangeWords(key)} ${formatCount(rows)}`);
  const description =
    `Mean test angular error of ${methods.join(', ')} by true ${name}. ` + `Test rows: ${words.join('; ')}.`;
  const body =
    yAxis(frame, y, 'mean test angular error (°)') +
    countBars(groups, x) +
    xAxis(frame, x, `true ${name} (°); bars: test rows`) +
    lines.join('');
  return figureSvg(
    `by-angle-${k}`,
    frame,
    { title: `Error by true ${name}`, description, kind: 'medium' },
    body,
  );
}

/** The bins from edge to edge, half a step wider where they are single values. */
function angleScale(bins: readonly AngleBin[]): Scale {
  const [low, high] = [bins[0]!.low, bins.at(-1)!.high];
  const margin = halfWidth(bins) * (bins.some(isSingle) ? 1.2 : 0);
  const scale = linearScale([low - margin, high + margin], [frame.left, frame.width - frame.right]);
  const step = tickSteps.find((width) => (high - low) / width < 8) ?? 90;
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  return Object.assign(scale, { ticks: Array.from({ length: count }, (_, i) => (first + i) * step) });
}

function isSingle({ low, high }: AngleBin): boolean {
  return low === high;
}

/** Of a bin; single values have half of the least distance between two. */
function halfWidth(bins: readonly AngleBin[]): number {
  const gaps = bins.slice(1).map(({ low }, i) => low - bins[i]!.low);
  const widths = bins.some(isSingle) ? gaps : bins.map(({ low, high }) => high - low);
  return (widths.length === 0 ? 1 : Math.min(...widths)) / 2;
}

function countBars(groups: readonly ErrorGroup<AngleBin>[], x: Scale): string {
  const bottom = frame.height - frame.bottom;
  const most = extent(groups.map(({ rows }) => rows))[1];
  const half = halfWidth(groups.map(({ key }) => key));
  const room = x(2 * half) - x(0);
  const hasNumbers = formatCount(most).length * 10 < room;
  return groups
    .map(({ key, rows }) => {
      const middle = (key.low + key.high) / 2;
      const height = (rows / most) * (barHeight - 22);
      const at = { x: px(x(middle - half) + 1), y: px(bottom - height) };
      const number = hasNumbers
        ? `<text class="tick center" x="${px(x(middle))}" y="${px(bottom - height - 4)}">${formatCount(rows)}</text>`
        : '';
      return (
        `<rect class="count" x="${at.x}" y="${at.y}" width="${px(room - 2)}" height="${px(height)}">` +
        `<title>${rangeWords(key)}: ${formatCount(rows)} test rows</title></rect>${number}`
      );
    })
    .join('');
}

function rangeWords(bin: AngleBin): string {
  return isSingle(bin) ? `${tickLabel(bin.low)}°` : `${tickLabel(bin.low)}° to ${tickLabel(bin.high)}°`;
}
