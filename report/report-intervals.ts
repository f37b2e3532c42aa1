/** Means with their intervals and a dot a seed: errors by method, and differences to the baseline. */

import { formatInterval } from '../base/format.ts';
import { intervalMark, type SlotOf } from './report-marks.ts';
import {
  escapeHtml,
  extent,
  figureSvg,
  type Frame,
  linearScale,
  padded,
  px,
  type Scale,
  xAxis,
} from './report-svg.ts';
import { capitalised, errorWords } from './report-words.ts';
import type { Summary } from '../study/results.ts';

interface Line {
  method: string;
  mean: number;
  ci95: readonly [number, number] | null;
  dots: { seed: number; value: number }[];
}

const rowHeight = 36;

export function errorChart(summary: Summary, slotOf: SlotOf): string {
  const words = errorWords(summary);
  const lines = summary.rows.map(({ method, mean, ci95, perSeed }) => ({
    method,
    mean,
    ci95,
    dots: perSeed.map((value, i) => ({ seed: summary.seeds[i] ?? i, value })),
  }));
  return intervalChart(lines, slotOf, {
    id: 'errors',
    title: `${capitalised(words.name)} by method`,
    axisTitle: words.axis,
    format: words.format,
    scale: words.scale,
  });
}

/** Undefined without a baseline to compare with. */
export function differenceChart(summary: Summary, slotOf: SlotOf): string | undefined {
  const baseline = summary.paired[0]?.baseline;
  if (baseline === undefined) return undefined;
  const words = errorWords(summary);
  const perSeed = (method: string) => summary.rows.find((row) => row.method === method)?.perSeed ?? [];
  const base = perSeed(baseline);
  const lines = summary.paired.map(({ method, meanDifference, ci95 }) => ({
    method,
    mean: meanDifference,
    ci95,
    // A stopped study lacks the last seeds of a method, so the first ones pair up.
    dots: perSeed(method)
      .slice(0, base.length)
      .map((value, i) => ({ seed: summary.seeds[i] ?? i, value: value - base[i]! })),
  }));
  return intervalChart(lines, slotOf, {
    id: 'differences',
    title: `Paired difference to ${baseline}`,
    axisTitle: `${words.short} minus that of ${baseline}, same seed`,
    format: words.formatSigned,
    scale: words.scale,
    zero: ['← better', 'worse →'],
  });
}

function intervalChart(
  lines: readonly Line[],
  slotOf: SlotOf,
  look: {
    id: string;
    title: string;
    axisTitle: string;
    format: (value: number) => string;
    /** By which values are multiplied at the axis. */
    scale: number;
    zero?: [string, string];
  },
): string {
  const frame: Frame = {
    width: 520,
    height: 74 + rowHeight * lines.length,
    left: 122,
    right: 78,
    top: 28,
    bottom: 46,
  };
  const values = lines.flatMap(({ dots, ci95 }) => [...dots.map(({ value }) => value), ...(ci95 ?? [])]);
  const domain = padded(extent(look.zero ? [...values, 0] : values), 0.05);
  const axis = linearScale(
    [domain[0] * look.scale, domain[1] * look.scale],
    [frame.left, frame.width - frame.right],
    5,
  );
  const x: Scale = Object.assign((value: number) => axis(value * look.scale), { ticks: [] });
  const rows = lines.map((line, i) =>
    rowOf(line, frame, frame.top + rowHeight * (i + 0.5), x, slotOf, look.format),
  );
  const description = lines
    .map(({ method, mean, ci95 }) => `${method} ${look.format(mean)} ${formatInterval(ci95, look.format)}`)
    .join('; ');
  const body =
    xAxis(frame, axis, look.axisTitle, { hasGrid: true }) + zeroLine(frame, x, look.zero) + rows.join('');
  return figureSvg(
    look.id,
    frame,
    { title: look.title, description: `${description}.`, kind: 'medium' },
    body,
  );
}

function zeroLine(frame: Frame, x: Scale, words: [string, string] | undefined): string {
  if (words === undefined) return '';
  const at = px(x(0));
  return (
    `<path class="zero" d="M${at} ${frame.top}V${frame.height - frame.bottom}"/>` +
    `<text class="tick end" x="${px(x(0) - 7)}" y="${frame.top - 8}">${words[0]}</text>` +
    `<text class="tick" x="${px(x(0) + 7)}" y="${frame.top - 8}">${words[1]}</text>`
  );
}

function rowOf(
  { method, mean, ci95, dots }: Line,
  frame: Frame,
  y: number,
  x: Scale,
  slotOf: SlotOf,
  format: (value: number) => string,
): string {
  const slot = slotOf(method);
  // Seeds from the top of the row to its bottom, in order: dots do not hide each other, and rows compare.
  const spread = (i: number) => (dots.length < 2 ? 0 : (i / (dots.length - 1) - 0.5) * rowHeight * 0.62);
  const seeds = dots.map(
    ({ seed, value }, i) =>
      `<circle class="dot ${slot}" cx="${px(x(value))}" cy="${px(y + spread(i))}" r="3">` +
      `<title>${escapeHtml(method)}, seed ${seed}: ${format(value)}</title></circle>`,
  );
  return (
    `<text class="row-label end middle" x="${frame.left - 10}" y="${px(y)}">${escapeHtml(method)}</text>` +
    `${seeds.join('')}${intervalMark(x, y, { middle: mean, ends: ci95, slot })}` +
    `<text class="row-value end middle" x="${frame.width - 2}" y="${px(y)}">${format(mean)}</text>`
  );
}
