/** The labels of a seed, rejected ones marked, and what its networks make of them; the report's chart, live. */
import { hasCleanFunction } from '../../study/data/kinds/all.ts';
import { cleanFunction, mostPoints } from '../../report/report-fit.ts';
import { drawnPoints, labelLegend, labelMarks, slotClasses } from '../../report/report-marks.ts';
import { predictionPanels, teacherCharts } from '../../report/report-predictions.ts';
import {
  extent,
  figureSvg,
  type Frame,
  linearScale,
  linePath,
  padded,
  xAxis,
  yAxis,
} from '../../report/report-svg.ts';
import type { FittedCurve, LabelPoints, SeedResult, StudyConfig } from '../../study/results.ts';
import { element } from '../element.ts';
import type { SeedView } from './run.ts';

export interface FitChartState {
  config: StudyConfig;
  seed: number;
  view: SeedView;
  /** Methods whose curves are switched off. */
  hidden: ReadonlySet<string>;
  /** The network in training, whose curve stands out. */
  live: string | undefined;
}

export interface FitChart {
  readonly root: HTMLElement;
  draw(state: FitChartState): void;
}

export function makeFitChart(): FitChart {
  const root = element('figure', { className: 'picture' });
  const aboutLabels = makeMemory();
  return {
    root,
    draw(state) {
      // Drawn in pixels of the page, so that letters keep their size on every screen.
      const width = Math.max(280, root.clientWidth);
      const height = Math.round(Math.min(400, Math.max(240, width * 0.5)));
      const { points } = state.view;
      root.innerHTML =
        points.against === 'input'
          ? curveSvg(state, { width, height }) + aboutLabels(points, () => labelLegend(points))
          : predictionsHtml(state, aboutLabels);
    },
  };
}

/** One input and one output: curves over the labels. */
function curveSvg(
  { config, seed, view, hidden, live }: FitChartState,
  size: Pick<Frame, 'width' | 'height'>,
): string {
  const points = drawnPoints(view.points, mostPoints);
  const fits = [...view.fits].filter((entry): entry is [string, FittedCurve] => entry[1].kind === 'curve');
  const slotOf = slotClasses(fits.map(([method]) => method));
  const frame: Frame = { ...size, left: 42, right: 6, top: 24, bottom: 40 };
  const x = linearScale(
    padded(extent(points.x), 0.01),
    [frame.left, frame.width - frame.right],
    frame.width < 480 ? 4 : 8,
  );
  const y = linearScale(padded(extent(points.y), 0.03), [frame.height - frame.bottom, frame.top]);
  const isClean = hasCleanFunction(config);
  const grid = isClean ? Array.from({ length: 201 }, (_, i) => -1 + i / 100) : [];
  const clean = `<path class="clean" d="${linePath(grid, grid.map(cleanFunction(config)), x, y)}"/>`;
  const curves = fits
    .filter(([method]) => !hidden.has(method))
    .map(([method, fit]) => {
      const d = linePath(fit.x, fit.y, x, y);
      const classes = `line ${slotOf(method)}${method === live ? ' live' : ''}`;
      return `<path class="halo" d="${d}"/><path class="${classes}" d="${d}"/>`;
    });
  const rejected = points.rejected.filter(Boolean).length;
  const body =
    xAxis(frame, x, 'x') +
    yAxis(frame, y, config.target[0] ?? 'label') +
    labelMarks(points, x, y, 'right') +
    clean +
    curves.join('') +
    labelMarks(points, x, y, 'wrong');
  const names = fits.map(([method]) => method).join(', ');
  const description =
    `${points.x.length} training labels, ${rejected} of them rejected${isClean ? ', and the clean function' : ''}` +
    `${names === '' ? '' : `; curves of ${names}`}.`;
  return figureSvg('fit', frame, { title: `Labels and fitted curves, seed ${seed}`, description }, body);
}

/** Several inputs or outputs: predicted over true labels of held-out rows, and where the rejected ones lie. */
function predictionsHtml({ config, seed, view, hidden }: FitChartState, aboutLabels: Memory): string {
  const shown = [...view.fits].filter(([method]) => !hidden.has(method));
  const results = shown.map(([method, fit]) => {
    const rmse = view.curves.get(method)?.at(-1)?.testRmse ?? NaN;
    return { ...blankResult, method, seed, fit, rmse: view.networks.get(method)?.rmse ?? rmse };
  });
  const hasTeacher = view.points.x.length > 0;
  const asSeed: SeedResult = { seed, points: view.points, mask: { precision: null, recall: null }, results };
  const waiting =
    '<p class="empty">Held-out rows are drawn here once a network predicts them, predicted over true label.</p>';
  const panels =
    results.length > 0
      ? `<h3>Held-out rows</h3>${predictionPanels(config, asSeed, slotClasses(shown.map(([method]) => method)))}`
      : waiting;
  const teacher = hasTeacher
    ? `<h3>Training rows: label over the teacher's prediction</h3>${aboutLabels(view.points, () => teacherCharts(config, asSeed))}`
    : '';
  return panels + teacher;
}

/** What the panels do not read. */
const blankResult = { scores: {}, targets: [], params: 0, macs: 0, seconds: 0, weightsSha256: '', curve: [] };

/** What was made for these labels, or makes it: a large table is counted once and not with every step. */
type Memory = (points: LabelPoints, make: () => string) => string;

function makeMemory(): Memory {
  const known = new WeakMap<LabelPoints, string>();
  return (points, make) => {
    const html = known.get(points) ?? make();
    known.set(points, html);
    return html;
  };
}
