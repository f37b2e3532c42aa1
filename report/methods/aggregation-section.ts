/** The mixtures of a teacher's layers that methods found: bars for each group, and how they came about, seed by seed. */
import { type Aggregation, foundIn, meanAlphas } from '../../base/aggregation.ts';
import type { SeedResult } from '../../study/results.ts';
import { escapeHtml, figureSvg, type Frame, linearScale, px, xAxis } from '../report-svg.ts';
import type { SlotOf } from '../report-marks.ts';
import { agreementWords } from './aggregation-text.ts';

const ROW = 26;

/** '' where no method found any. */
export function aggregationSection(seeds: readonly SeedResult[], slotOf: SlotOf): string {
  const all = foundIn(seeds);
  if (all.length === 0) return '';
  const figures = all.flatMap(({ method, seeds: own }) =>
    own[0]!.groups.map((_, i) => groupFigure(method, own, i, slotOf(method))),
  );
  return `<section><h2>Mixtures of the teacher's layers</h2>
${figures.join('\n')}
<p class="note">Bars: means over seeds; dots: single seeds, the first on top. Beside them a layer's weight over the steps of the
search, bold the mean, faint single seeds; layers from shallow on top to deep.</p></section>`;
}

function groupFigure(method: string, seeds: readonly Aggregation[], group: number, slot: string): string {
  const { student } = seeds[0]!.groups[group]!;
  const title = `${method}, for ${student}`;
  return `<figure><h3>${escapeHtml(title)}</h3>
<div class="pair">${bars(method, seeds, group, slot)}${overSteps(method, seeds, group, slot)}</div>
<figcaption>${escapeHtml(`Layers ${seeds[0]!.groups[group]!.layers.join(', ')}${agreementWords(seeds, group)}.`)}</figcaption></figure>`;
}

function bars(method: string, seeds: readonly Aggregation[], group: number, slot: string): string {
  const { layers } = seeds[0]!.groups[group]!;
  const frame: Frame = {
    width: 520,
    height: 60 + ROW * layers.length,
    left: 150,
    right: 56,
    top: 8,
    bottom: 46,
  };
  const x = linearScale([0, 1], [frame.left, frame.width - frame.right], 5);
  const means = meanAlphas(seeds)[group]!;
  const rows = layers.map((layer, j) => {
    const top = frame.top + ROW * j;
    const dots = seeds.map(({ seed, groups }, i) => {
      const value = groups[group]!.alpha[j]!;
      const y = top + 5 + ((ROW - 10) * (i + 0.5)) / seeds.length;
      return `<circle class="dot ${slot}" cx="${px(x(value))}" cy="${px(y)}" r="2.5"><title>seed ${seed}: ${value.toFixed(3)}</title></circle>`;
    });
    const width = px(x(means[j]!) - x(0));
    return (
      `<text class="row-label end middle" x="${frame.left - 10}" y="${px(top + ROW / 2)}">${escapeHtml(layer)}</text>` +
      `<rect class="area ${slot}" x="${px(x(0))}" y="${px(top + 4)}" width="${width}" height="${ROW - 8}"/>${dots.join('')}` +
      `<text class="row-value end middle" x="${frame.width - 2}" y="${px(top + ROW / 2)}">${means[j]!.toFixed(3)}</text>`
    );
  });
  const description = layers.map((layer, j) => `${layer} ${means[j]!.toFixed(3)}`).join('; ');
  const about = {
    title: `Weights of layers, ${method}`,
    description: `${description}.`,
    kind: 'medium',
  } as const;
  return figureSvg(
    idOf(method, group, 'bars'),
    frame,
    about,
    xAxis(frame, x, 'weight', { hasGrid: true }) + rows.join(''),
  );
}

/** A strip for each layer, from 0 to 1. */
function overSteps(method: string, seeds: readonly Aggregation[], group: number, slot: string): string {
  const { layers, curve = [] } = seeds[0]!.groups[group]!;
  const last = curve.at(-1)?.step ?? 1;
  const frame: Frame = {
    width: 520,
    height: 60 + ROW * layers.length,
    left: 24,
    right: 16,
    top: 8,
    bottom: 46,
  };
  const x = linearScale([0, last], [frame.left, frame.width - frame.right], 5);
  const strips = layers.map((_, j) => {
    const y = (alpha: number) => frame.top + ROW * (j + 1) - 3 - (ROW - 6) * alpha;
    const path = (points: readonly (readonly [number, number])[]) =>
      `M${points.map(([step, alpha]) => `${px(x(step))} ${px(y(alpha))}`).join('L')}`;
    const own = seeds.map(({ groups }) =>
      (groups[group]!.curve ?? []).map(({ step, alpha }) => [step, alpha[j]!] as const),
    );
    const mean = curve.map(
      ({ step }, k) =>
        [step, own.reduce((sum, points) => sum + (points[k]?.[1] ?? 0), 0) / own.length] as const,
    );
    const base = `<path class="grid" d="M${frame.left} ${px(y(0))}H${frame.width - frame.right}"/>`;
    const drawn = (points: readonly (readonly [number, number])[], kind: string) =>
      points.length > 0 ? `<path class="${kind} ${slot}" d="${path(points)}"/>` : '';
    return `${base}${own.map((points) => drawn(points, 'faint')).join('')}${drawn(mean, 'line')}`;
  });
  const about = {
    title: `Weights of layers over the search, ${method}`,
    description: `${layers.length} layers, ${curve.length} readings of ${seeds.length} seeds.`,
    kind: 'medium',
  } as const;
  return figureSvg(
    idOf(method, group, 'steps'),
    frame,
    about,
    xAxis(frame, x, 'step of the search') + strips.join(''),
  );
}

function idOf(method: string, group: number, what: string): string {
  return `mixture-${method.replaceAll(/[^a-z0-9]+/g, '-')}-${group}-${what}`;
}
