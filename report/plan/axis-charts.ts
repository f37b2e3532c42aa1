/** Error against a numeric axis of the grid, a panel for each setting of the others: means as lines, intervals as bands. */
import { metricWords } from '../metric.ts';
import type { SlotOf } from '../report-marks.ts';
import {
  escapeHtml,
  extent,
  figureSvg,
  type Frame,
  linearScale,
  linePath,
  logScale,
  padded,
  px,
  type Scale,
  xAxis,
  yAxis,
} from '../report-svg.ts';
import { type Cell, isTeacher, type Merged, type MergedRow } from '../../study/plan/merge.ts';
import { wordsOf } from './merged-lines.ts';

const frame: Frame = { width: 520, height: 320, left: 56, right: 22, top: 30, bottom: 44 };

export interface AxisChart {
  title: string;
  svg: string;
}

/** Axes with two numbers or more, and numbers alone. */
export function numericAxes({ plan }: Merged): string[] {
  return plan.axes
    .filter(({ name }) => name !== 'seed' && name !== 'methods')
    .filter(({ values }) => values.length > 1 && values.every((value) => typeof value === 'number'))
    .map(({ name }) => name);
}

export function axisCharts(merged: Merged, axis: string, slotOf: SlotOf): AxisChart[] {
  const place = merged.plan.axes.findIndex(({ name }) => name === axis);
  const panels = new Map<string, Cell[]>();
  for (const cell of merged.cells) {
    const { [axis]: _, ...rest } = cell.at;
    const key = JSON.stringify(rest);
    panels.set(key, [...(panels.get(key) ?? []), cell]);
  }
  return [...panels.values()].flatMap((cells, i) => {
    const { [axis]: _, ...rest } = cells[0]!.at;
    const svg = axisChart(cells, merged.methods, { axis, id: `axis-${place}-${i}`, slotOf });
    return svg === undefined ? [] : [{ title: wordsOf(rest) || merged.plan.name, svg }];
  });
}

interface Point {
  at: number;
  row: MergedRow;
}

/** Undefined where no two cells have results. */
function axisChart(
  cells: readonly Cell[],
  methods: readonly string[],
  { axis, id, slotOf }: { axis: string; id: string; slotOf: SlotOf },
): string | undefined {
  const lines = methods
    .filter((method) => !isTeacher(method))
    .map((method) => ({
      method,
      points: cells
        .flatMap((cell): Point[] => {
          const row = cell.rows.find((each) => each.method === method);
          return row ? [{ at: Number(cell.at[axis]), row }] : [];
        })
        .toSorted((a, b) => a.at - b.at),
    }))
    .filter(({ points }) => points.length > 0);
  const points = lines.flatMap((line) => line.points);
  if (new Set(points.map(({ at }) => at)).size < 2) return undefined;
  const places = extent(points.map(({ at }) => at));
  const range: [number, number] = [frame.left, frame.width - frame.right];
  const isWide = places[0] > 0 && places[1] / places[0] > 20;
  const x = isWide
    ? logScale([places[0] / 1.1, places[1] * 1.1], range)
    : linearScale(padded(places, 0.03), range, 6);
  const y = linearScale(errorDomain(points), [frame.height - frame.bottom, frame.top], 5);
  const { title, unit: own, scale } = metricWords({ rows: [points[0]!.row] });
  const unit = scale === 1 ? own : 'share';
  const clip =
    `<clipPath id="${id}-clip"><rect x="${frame.left - 6}" y="${frame.top - 6}" ` +
    `width="${frame.width - frame.left - frame.right + 12}" height="${frame.height - frame.top - frame.bottom + 6}"/></clipPath>`;
  const body =
    xAxis(frame, x, isWide ? `${axis} (log)` : axis) +
    yAxis(frame, y, `${title}${unit && ` (${unit})`}`) +
    `${clip}<g clip-path="url(#${id}-clip)">` +
    lines.map(({ method, points: own }) => band(own, x, y, slotOf(method))).join('') +
    lines.map(({ method, points: own }) => line(method, own, { x, y, slot: slotOf(method), axis })).join('') +
    '</g>';
  const description = `${title} over ${axis} for ${lines.map(({ method }) => method).join(', ')}.`;
  return figureSvg(id, frame, { title: `${title} over ${axis}`, description, kind: 'medium' }, body);
}

/** All means, and of the intervals what is not far off: two seeds can give an interval that hides everything else. */
function errorDomain(points: readonly Point[]): [number, number] {
  const [low, high] = extent(points.map(({ row }) => row.error.mean));
  const room = Math.max(high - low, Math.abs(high) * 0.05) * 0.6;
  const ends = points.flatMap(({ row }) => row.error.ci95 ?? []);
  return padded([
    Math.max(low - room, Math.min(low, ...ends)),
    Math.min(high + room, Math.max(high, ...ends)),
  ]);
}

function band(points: readonly Point[], x: Scale, y: Scale, slot: string): string {
  const known = points.flatMap(({ at, row }) => (row.error.ci95 ? [{ at, ends: row.error.ci95 }] : []));
  if (known.length < 2) return '';
  const xs = known.map(({ at }) => at);
  const upper = linePath(
    xs,
    known.map(({ ends }) => ends[1]),
    x,
    y,
  );
  const lower = linePath(xs.toReversed(), known.map(({ ends }) => ends[0]).toReversed(), x, y);
  return `<path class="area ${slot}" d="${upper}${lower.replace('M', 'L')}Z"/>`;
}

function line(
  method: string,
  points: readonly Point[],
  { x, y, slot, axis }: { x: Scale; y: Scale; slot: string; axis: string },
): string {
  const path = linePath(
    points.map(({ at }) => at),
    points.map(({ row }) => row.error.mean),
    x,
    y,
  );
  const marks = points.map(({ at, row }) => {
    const words = metricWords({ rows: [row] });
    return (
      `<circle class="mean ${slot}" cx="${px(x(at))}" cy="${px(y(row.error.mean))}" r="4">` +
      `<title>${escapeHtml(`${method}, ${axis} ${at}: ${words.format(row.error.mean)}${words.unit}`)}</title></circle>`
    );
  });
  return `<path class="line ${slot}" d="${path}"/>${marks.join('')}`;
}
