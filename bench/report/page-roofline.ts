/** The roofline (Williams, Waterman and Patterson 2009): speed over operations a byte, below what the adapter can do. */
import {
  escapeHtml,
  extent,
  figureSvg,
  type Frame,
  logScale,
  px,
  xAxis,
  yAxis,
} from '../../report/report-svg.ts';
import { type Row, workOf } from './report.ts';
import type { Bound, Roofline } from '../roofline.ts';

const frame: Frame = { width: 640, height: 380, left: 40, right: 14, top: 28, bottom: 40 };

export const BOUND_SLOTS: Readonly<Record<Bound, string>> = {
  arithmetic: 'm6',
  memory: 'm5',
  dispatch: 'm2',
};

/** A row with its number in the list below the chart. */
export interface Numbered {
  readonly number: number;
  readonly row: Row;
}

/** What has a place in the chart: some arithmetic, by the first of its variants. */
export function numbered(rows: readonly Row[]): Numbered[] {
  return rows
    .filter(({ intensity, ratio }) => intensity > 0 && ratio === undefined)
    .map((row, i) => ({ number: i + 1, row }));
}

export function rooflineChart(points: readonly Numbered[], { fmaGflops, copyGBs }: Roofline): string {
  const ridge = fmaGflops / copyGBs;
  // Some of the slope and of the level shows, whatever the points are.
  const [least, most] = extent([ridge / 8, ridge * 2, ...points.map(({ row }) => row.intensity)]);
  const [slowest, fastest] = extent([fmaGflops, ...points.map(({ row }) => row.gflops)]);
  const [left, right] = [least / 2, most * 2];
  const x = logScale([left, right], [frame.left, frame.width - frame.right]);
  const y = logScale([slowest / 2, fastest * 1.6], [frame.height - frame.bottom, frame.top]);
  // The slope begins where it enters the chart.
  const start = Math.max(left, slowest / 2 / copyGBs);
  const roof =
    `<path class="roof" d="M${px(x(start))} ${px(y(start * copyGBs))}` +
    `L${px(x(ridge))} ${px(y(fmaGflops))}H${frame.width - frame.right}"/>`;
  const labels =
    `<text class="axis-title end" x="${frame.width - frame.right - 2}" y="${px(y(fmaGflops) - 6)}">` +
    `${fmaGflops.toPrecision(3)} GFLOP/s</text>` +
    `<text class="axis-title end" x="${px(x(Math.sqrt(start * ridge)) - 8)}" ` +
    `y="${px(y(Math.sqrt(start * ridge) * copyGBs) - 4)}">${copyGBs.toPrecision(3)} GB/s</text>`;
  const places = points.map(({ row }) => ({ x: x(row.intensity), y: y(row.gflops) }));
  const taken: Place[] = [...places];
  const marks = points.map(({ number, row }, i) => {
    const at = places[i]!;
    const place = freePlace(at, taken);
    taken.push(place);
    const title = `${number}: ${workOf(row)}, ${row.gflops.toPrecision(3)} GFLOP/s, ${row.percentOfLimit.toPrecision(2)} % of ${row.bound}`;
    return (
      `<circle class="point ${BOUND_SLOTS[row.bound]}" cx="${px(at.x)}" cy="${px(at.y)}" r="3">` +
      `<title>${escapeHtml(title)}</title></circle>` +
      `<text class="point-label center middle" x="${px(place.x)}" y="${px(place.y)}">${number}</text>`
    );
  });
  const body =
    xAxis(frame, x, 'operations a byte') + yAxis(frame, y, 'GFLOP/s') + roof + labels + marks.join('');
  const description = points.map(
    ({ number, row }) => `${number} ${workOf(row)}: ${row.gflops.toPrecision(3)} GFLOP/s`,
  );
  return figureSvg(
    'roofline',
    frame,
    { title: 'Roofline', description: `${description.join('; ')}.`, kind: 'large' },
    body,
  );
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** The place around a point that is farthest from all points and numbers so far; the first that is far enough. */
function freePlace(at: Place, taken: readonly Place[]): Place {
  const around = [9, 15, 21].flatMap((distance) =>
    Array.from({ length: 8 }, (_, i) => {
      const angle = (Math.PI / 4) * i;
      return { x: at.x + distance * Math.cos(angle), y: at.y - distance * Math.sin(angle) };
    }),
  );
  // Numbers are wider than high.
  const room = (place: Place) =>
    Math.min(
      ...taken.map((other) => (other === at ? 9 : Math.hypot(place.x - other.x, 1.25 * (place.y - other.y)))),
    );
  return (
    around.find((place) => room(place) >= 9) ??
    around.reduce((best, place) => (room(place) > room(best) ? place : best))
  );
}
