/** The labels of a seed, rejected ones marked, and what its networks make of them; the report's drawing, live. */
import { cleanFunction } from '../../train/report-fit.ts';
import { labelLegend, labelMarks, slotClasses } from '../../train/report-marks.ts';
import {
  extent,
  figureSvg,
  type Frame,
  linearScale,
  linePath,
  padded,
  xAxis,
  yAxis,
} from '../../train/report-svg.ts';
import type { StudyConfig } from '../../train/results.ts';
import { element } from '../element.ts';
import type { SeedView } from './run.ts';

export interface FitChartState {
  config: StudyConfig;
  seed: number;
  view: Pick<SeedView, 'points' | 'fits'>;
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
  const picture = element('div', { className: 'picture' });
  const legend = element('div', {});
  const root = element('figure', {}, picture, legend);
  return {
    root,
    draw(state) {
      // Drawn in pixels of the page, so that letters keep their size on every screen.
      const width = Math.max(280, picture.clientWidth);
      picture.innerHTML = chartSvg(state, {
        width,
        height: Math.round(Math.min(400, Math.max(240, width * 0.5))),
      });
      legend.innerHTML = labelLegend(state.view.points);
    },
  };
}

function chartSvg(
  { config, seed, view, hidden, live }: FitChartState,
  size: Pick<Frame, 'width' | 'height'>,
): string {
  const { points, fits } = view;
  const slotOf = slotClasses([...fits.keys()]);
  const frame: Frame = { ...size, left: 34, right: 6, top: 24, bottom: 40 };
  const x = linearScale(
    padded(extent(points.x), 0.01),
    [frame.left, frame.width - frame.right],
    frame.width < 480 ? 4 : 8,
  );
  const y = linearScale(padded(extent(points.y), 0.03), [frame.height - frame.bottom, frame.top]);
  const grid = Array.from({ length: 201 }, (_, i) => -1 + i / 100);
  const clean = `<path class="clean" d="${linePath(grid, grid.map(cleanFunction(config)), x, y)}"/>`;
  const curves = [...fits]
    .filter(([method]) => !hidden.has(method))
    .map(([method, fit]) => {
      const d = linePath(fit.x, fit.y, x, y);
      const classes = `line ${slotOf(method)}${method === live ? ' live' : ''}`;
      return `<path class="halo" d="${d}"/><path class="${classes}" d="${d}"/>`;
    });
  const rejected = points.rejected.filter(Boolean).length;
  const body =
    xAxis(frame, x, 'x') +
    yAxis(frame, y, 'label') +
    labelMarks(points, x, y, 'right') +
    clean +
    curves.join('') +
    labelMarks(points, x, y, 'wrong');
  const names = [...fits.keys()].join(', ');
  return figureSvg(
    'fit',
    frame,
    {
      title: `Labels and fitted curves, seed ${seed}`,
      description:
        `${points.x.length} training labels, ${rejected} of them rejected, and the clean function` +
        `${names === '' ? '' : `; curves of ${names}`}.`,
    },
    body,
  );
}
