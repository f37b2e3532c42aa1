/** Scatter charts for tables: predicted over true labels of test rows, and training labels over the teacher's predictions. */

import { formatDegrees, formatError } from '../base/format.ts';
import { mostPoints } from './report-fit.ts';
import { drawnPoints, labelLegend, labelMarks, type SlotOf } from './report-marks.ts';
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
  yAxis,
} from './report-svg.ts';
import type {
  LabelPoints,
  MethodResult,
  SeedResult,
  StudyConfig,
  TestPredictions,
} from '../study/results.ts';

const panelFrame: Frame = { width: 300, height: 290, left: 52, right: 8, top: 44, bottom: 42 };
const teacherFrame: Frame = { width: 520, height: 400, left: 50, right: 12, top: 28, bottom: 44 };

interface Scatter {
  target: string;
  label: number[];
  predicted: number[];
}

/** A panel a network and target; those of one target stand together and have the same axes. */
export function predictionPanels({ target }: StudyConfig, seed: SeedResult, slotOf: SlotOf): string {
  const scatters = seed.results.flatMap((result) =>
    result.fit.kind === 'predictions' ? [{ result, of: scattersOf(result.fit, target) }] : [],
  );
  const groups = target.map((_, k) => {
    const all = scatters.flatMap(({ of }) => [...of[k]!.label, ...of[k]!.predicted]);
    const domain = padded(extent(all), 0.03);
    const panels = scatters.map(({ result, of }) =>
      predictionPanel(result, of[k]!, {
        domain,
        k,
        slot: slotOf(result.method),
        isOnly: target.length === 1,
        unit: unitOf(seed),
      }),
    );
    return `<div class="panels">${panels.join('')}</div>`;
  });
  return groups.join('');
}

function scattersOf({ label, predicted }: TestPredictions, targets: readonly string[]): Scatter[] {
  return targets.map((target, k) => ({
    target,
    label: columnOf(label, k, targets.length),
    predicted: columnOf(predicted, k, targets.length),
  }));
}

/** Images have angles; the unit of a table's columns is not known. */
function unitOf({ images }: SeedResult): string {
  return images === undefined ? '' : ' (°)';
}

function columnOf<T>(values: readonly T[], column: number, columns: number): T[] {
  return values.filter((_, i) => i % columns === column);
}

function predictionPanel(
  { method, seed, rmse, angularError }: MethodResult,
  { target, label, predicted }: Scatter,
  {
    domain,
    slot,
    k,
    isOnly,
    unit,
  }: { domain: [number, number]; slot: string; k: number; isOnly: boolean; unit: string },
): string {
  const { x, y } = squareScales(domain, panelFrame, 4);
  const dots = label.map((value, i) => `M${px(x(value))} ${px(y(predicted[i]!))}h0`);
  const error = angularError === undefined ? `RMSE ${formatError(rmse!)}` : formatDegrees(angularError);
  const note = isOnly ? error : target;
  const body =
    axes(panelFrame, { x, y }, { below: `true label${unit}`, beside: `predicted${unit}` }) +
    `<path class="scatter ${slot}" d="${dots.join('')}"/>` +
    `<text class="panel-title" x="2" y="13">${escapeHtml(method)}</text>` +
    `<text class="panel-note end" x="${panelFrame.width - panelFrame.right}" y="13">${escapeHtml(note)}</text>`;
  const title = `${method}, seed ${seed}: predicted over true ${target}`;
  const description = `${label.length} test rows with the diagonal, where predictions are right.`;
  return figureSvg(
    `predictions-${seed}-${slot}-${method.replaceAll(/[^\w-]/g, '_')}-${k}`,
    panelFrame,
    { title, description, kind: 'small' },
    body,
  );
}

/** A chart a target: where rejected labels stand. */
export function teacherCharts({ target }: StudyConfig, result: SeedResult): string {
  const { seed, points } = result;
  const unit = unitOf(result);
  const charts = target.map((name, k) => {
    const own = columnOfPoints(points, k, target.length);
    const drawn = drawnPoints(own, Math.ceil(mostPoints / target.length));
    const { x, y } = squareScales(padded(extent([...drawn.x, ...drawn.y]), 0.03), teacherFrame, 5);
    const body =
      axes(teacherFrame, { x, y }, { below: `the teacher's prediction${unit}`, beside: `${name}${unit}` }) +
      labelMarks(drawn, x, y, 'right') +
      labelMarks(drawn, x, y, 'wrong');
    const rejected = own.rejected.filter(Boolean).length;
    const title = `Training labels of ${name} over the teacher's predictions, seed ${seed}`;
    const description = `${drawn.x.length} training labels; ${rejected} of ${own.x.length} are rejected.`;
    const svg = figureSvg(`teacher-${seed}-${k}`, teacherFrame, { title, description, kind: 'medium' }, body);
    return `<div>${svg}${labelLegend(own)}</div>`;
  });
  return `<div class="pair">${charts.join('')}</div>`;
}

function columnOfPoints(points: LabelPoints, column: number, columns: number): LabelPoints {
  const of = <T>(values: readonly T[]) => columnOf(values, column, columns);
  const { against, x, y, outlier, rejected } = points;
  return { against, x: of(x), y: of(y), outlier: outlier && of(outlier), rejected: of(rejected) };
}

function squareScales(domain: [number, number], frame: Frame, ticks: number): { x: Scale; y: Scale } {
  return {
    x: linearScale(domain, [frame.left, frame.width - frame.right], ticks),
    y: linearScale(domain, [frame.height - frame.bottom, frame.top], ticks),
  };
}

/** Both axes and the diagonal. */
function axes(
  frame: Frame,
  { x, y }: { x: Scale; y: Scale },
  { below, beside }: { below: string; beside: string },
): string {
  const { left, right, top, bottom, width, height } = frame;
  const diagonal = `<path class="clean" d="M${left} ${height - bottom}L${width - right} ${top}"/>`;
  return xAxis(frame, x, below) + yAxis(frame, y, beside) + diagonal;
}
