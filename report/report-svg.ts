/** Scales, ticks, axes and escaping: what every chart of the report is drawn with. */
import { visible } from '../base/visible.ts';

export interface Scale {
  (value: number): number;
  ticks: number[];
}

export interface Frame {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** A report holds all that it shows: no script runs in it, and nothing is fetched, whatever names got into it. */
export const contentSecurityPolicy =
  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; " +
  "img-src data:; base-uri 'none'; form-action 'none'\">";

/** Text that is safe inside elements and inside quoted attributes; marks that turn its direction around are shown. */
export function escapeHtml(text: string): string {
  return visible(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** A coordinate with one decimal: a tenth of a pixel is enough, and a report stays small. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

export function extent(values: Iterable<number>): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [0, 1];
}

/** Linear from domain to range, with about `count` round ticks inside the domain. */
export function linearScale([low, high]: [number, number], [start, end]: [number, number], count = 5): Scale {
  const span = high - low || 1;
  const scale = (value: number) => start + ((value - low) / span) * (end - start);
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10);
  const ticks: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) ticks.push(i * step);
  return Object.assign(scale, { ticks });
}

/** Logarithmic, with ticks at 1, 2, 5 of each decade, or at the decades alone when there are many. */
export function logScale([low, high]: [number, number], [start, end]: [number, number]): Scale {
  const from = Math.log10(low);
  const span = Math.log10(high) - from || 1;
  const scale = (value: number) => start + ((Math.log10(Math.max(value, low)) - from) / span) * (end - start);
  const factors = span > 2.5 ? [1] : [1, 2, 5];
  const ticks: number[] = [];
  for (let decade = Math.floor(from); decade <= Math.ceil(from + span); decade++) {
    for (const factor of factors) {
      const tick = Number(`${factor}e${decade}`);
      if (tick >= low * 0.999 && tick <= high * 1.001) ticks.push(tick);
    }
  }
  return Object.assign(scale, { ticks });
}

/** Widens a domain by a share of its span on both sides. */
export function padded([low, high]: [number, number], share = 0.06): [number, number] {
  const margin = (high - low || Math.abs(high) || 1) * share;
  return [low - margin, high + margin];
}

/** A tick label without noise digits: '0.3', '−2', '1 500'. */
export function tickLabel(value: number): string {
  const text = Number(value.toPrecision(6)).toString();
  const spaced = Math.abs(value) >= 10_000 ? text.replace(/\B(?=(\d{3})+$)/g, '\u202f') : text;
  return spaced.replace('-', '−');
}

/** A polyline as path data. */
export function linePath(xs: readonly number[], ys: readonly number[], x: Scale, y: Scale): string {
  return xs.map((value, i) => `${i === 0 ? 'M' : 'L'}${px(x(value))} ${px(y(ys[i]!))}`).join('');
}

/** An svg element that a screen reader announces by title and description; `id` is ours, not a name from a file. */
export function figureSvg(
  id: string,
  { width, height }: Pick<Frame, 'width' | 'height'>,
  { title, description, kind = '' }: { title: string; description: string; kind?: string },
  body: string,
): string {
  return (
    `<svg class="chart ${kind}" viewBox="0 0 ${width} ${height}" role="img" ` +
    `aria-labelledby="${id}-title ${id}-desc"><title id="${id}-title">${escapeHtml(title)}</title>` +
    `<desc id="${id}-desc">${escapeHtml(description)}</desc>${body}</svg>`
  );
}

/** Horizontal grid lines with their labels, and the title above the axis, where it needs no turning of heads. */
export function yAxis(frame: Frame, scale: Scale, title: string): string {
  const end = frame.width - frame.right;
  const lines = scale.ticks.map((tick) => {
    const at = px(scale(tick));
    return (
      `<path class="grid" d="M${frame.left} ${at}H${end}"/>` +
      `<text class="tick end middle" x="${frame.left - 6}" y="${at}">${tickLabel(tick)}</text>`
    );
  });
  return `${lines.join('')}<text class="axis-title" x="2" y="${frame.top - 10}">${escapeHtml(title)}</text>`;
}

/** The line at the bottom with ticks below it, and the title at its right end. */
export function xAxis(frame: Frame, scale: Scale, title: string, { hasGrid = false } = {}): string {
  const bottom = frame.height - frame.bottom;
  const end = frame.width - frame.right;
  const lines = scale.ticks.map((tick) => {
    const at = px(scale(tick));
    const mark = hasGrid
      ? `<path class="grid" d="M${at} ${frame.top}V${bottom}"/>`
      : `<path class="axis" d="M${at} ${bottom}v4"/>`;
    return `${mark}<text class="tick center hang" x="${at}" y="${bottom + 7}">${tickLabel(tick)}</text>`;
  });
  return (
    `${lines.join('')}<path class="axis" d="M${frame.left} ${bottom}H${end}"/>` +
    `<text class="axis-title end" x="${end}" y="${frame.height - 3}">${escapeHtml(title)}</text>`
  );
}
