/** The fitted curves of one seed over its labels, and each curve's distance from the clean function. */

import { hasCleanFunction } from '../study/data/kinds/all.ts';
import { formatError } from '../base/format.ts';
import { drawnPoints, labelLegend, labelMarks, type SlotOf } from './report-marks.ts';
import {
  escapeHtml,
  extent,
  figureSvg,
  type Frame,
  linearScale,
  linePath,
  padded,
  px,
  xAxis,
  yAxis,
} from './report-svg.ts';
import type { FittedCurve, MethodResult, SeedResult, StudyConfig } from '../study/results.ts';

const fitFrame: Frame = { width: 640, height: 380, left: 36, right: 8, top: 26, bottom: 42 };
const gapFrame: Frame = { width: 300, height: 168, left: 44, right: 8, top: 30, bottom: 24 };

/** Labels of a seed that are drawn. */
export const mostPoints = 2000;

/** What the labels are without noise and outliers. */
export function cleanFunction({ frequency }: StudyConfig): (x: number) => number {
  return (x) => Math.sin(2 * Math.PI * frequency * x);
}

type CurveResult = MethodResult & { fit: FittedCurve };

function curvesOf({ results }: SeedResult): CurveResult[] {
  return results.filter((result): result is CurveResult => result.fit.kind === 'curve');
}

export function fitChart(config: StudyConfig, seed: SeedResult, slotOf: SlotOf, toggleOf: SlotOf): string {
  const points = drawnPoints(seed.points, mostPoints);
  const results = curvesOf(seed);
  const frame = fitFrame;
  const fits = results.map((result) => result.fit);
  const x = linearScale(
    padded(extent([...points.x, ...fits.flatMap((fit) => fit.x)]), 0.01),
    [frame.left, frame.width - frame.right],
    8,
  );
  const y = linearScale(padded(extent([...points.y, ...fits.flatMap((fit) => fit.y)]), 0.03), [
    frame.height - frame.bottom,
    frame.top,
  ]);
  const grid = fits[0]?.x ?? [];
  const isClean = hasCleanFunction(config);
  const clean = isClean
    ? `<path class="clean" d="${linePath(grid, grid.map(cleanFunction(config)), x, y)}"/>`
    : '';
  // A wide line in the colour of the page below each curve keeps it apart from the points.
  const curves = results.map(({ method, fit }) => {
    const d = linePath(fit.x, fit.y, x, y);
    return `<g class="${toggleOf(method)}"><path class="halo" d="${d}"/><path class="line ${slotOf(method)}" d="${d}"/></g>`;
  });
  const rejected = points.rejected.filter(Boolean).length;
  const body =
    xAxis(frame, x, 'x') +
    yAxis(frame, y, config.target[0] ?? 'label') +
    labelMarks(points, x, y, 'right') +
    clean +
    curves.join('') +
    labelMarks(points, x, y, 'wrong');
  const svg = figureSvg(
    `fit-${seed.seed}`,
    frame,
    {
      title: `Fitted curves, seed ${seed.seed}`,
      description:
        `${points.x.length} training labels, ${rejected} of them rejected, with the curves of ` +
        `${results.map((result) => result.method).join(', ')}${isClean ? ' and the clean function' : ''}.`,
      kind: 'large',
    },
    body,
  );
  return svg + labelLegend(seed.points);
}

/** A small panel a network, all with the same axes: fit minus clean function. */
export function gapPanels(config: StudyConfig, seed: SeedResult, limit: number, slotOf: SlotOf): string {
  const panels = curvesOf(seed).map((result) => gapPanel(config, result, limit, slotOf(result.method)));
  return `<div class="panels">${panels.join('')}</div>`;
}

/** The largest distance from the clean function over these seeds, so that panels of all seeds compare. */
export function gapLimit(config: StudyConfig, seeds: readonly SeedResult[]): number {
  const gaps = seeds.flatMap((seed) => curvesOf(seed).flatMap((result) => gapsOf(config, result)));
  const [low, high] = extent(gaps);
  return Math.max(-low, high, 1e-6) * 1.05;
}

function gapsOf(config: StudyConfig, { fit }: CurveResult): number[] {
  const clean = cleanFunction(config);
  return fit.x.map((x, i) => fit.y[i]! - clean(x));
}

function gapPanel(config: StudyConfig, result: CurveResult, limit: number, slot: string): string {
  const { method, seed, fit, rmse } = result;
  const frame = gapFrame;
  const x = linearScale(extent(fit.x), [frame.left, frame.width - frame.right], 2);
  const y = linearScale([-limit, limit], [frame.height - frame.bottom, frame.top], 4);
  const line = linePath(fit.x, gapsOf(config, result), x, y);
  const zero = px(y(0));
  const area = `${line}L${px(x(fit.x.at(-1) ?? 0))} ${zero}L${px(x(fit.x[0] ?? 0))} ${zero}Z`;
  const body =
    yAxis(frame, y, '') +
    xAxis(frame, x, '') +
    `<path class="area ${slot}" d="${area}"/><path class="zero" d="M${frame.left} ${zero}H${frame.width - frame.right}"/>` +
    `<path class="line solid ${slot}" d="${line}"/>` +
    `<text class="panel-title" x="2" y="15">${escapeHtml(method)}</text>` +
    `<text class="panel-note end" x="${frame.width - frame.right}" y="15">RMSE ${formatError(rmse!)}</text>`;
  return figureSvg(
    `gap-${seed}-${slot}-${method.replaceAll(/[^\w-]/g, '_')}`,
    frame,
    {
      title: `${method}, seed ${seed}: distance from the clean function`,
      description: `Fit minus clean function over x; test RMSE ${formatError(rmse!)}.`,
      kind: 'small',
    },
    body,
  );
}
