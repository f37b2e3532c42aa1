/** Training curves of one seed, one a method, as they grow. */
import uPlot from 'uplot';
import { linearScale, logScale, tickLabel } from '../../report/report-svg.ts';
import type { CurvePoint } from '../../study/results.ts';
import { element } from '../element.ts';
import { dashOf, lineColour } from './method-look.ts';

export type Quantity = 'loss' | 'testRmse';

export interface LossChartState {
  methods: readonly string[];
  curves: ReadonlyMap<string, readonly CurvePoint[]>;
  quantity: Quantity;
  hidden: ReadonlySet<string>;
}

export interface LossChart {
  readonly root: HTMLElement;
  draw(state: LossChartState): void;
  /** After colours or widths have changed. */
  renew(): void;
}

export function makeLossChart(): LossChart {
  const root = element('div', { className: 'picture', attributes: { role: 'img' } });
  let chart: uPlot | undefined;
  let methods = '';
  const discard = () => {
    chart?.destroy();
    chart = undefined;
  };
  return {
    root,
    draw(state) {
      if (root.clientWidth === 0) return;
      if (chart && methods !== state.methods.join()) discard();
      methods = state.methods.join();
      chart ??= makeChart(root, state.methods);
      for (const [i, method] of state.methods.entries()) {
        const isShown = !state.hidden.has(method);
        if (chart.series[i + 1]!.show !== isShown) chart.setSeries(i + 1, { show: isShown });
      }
      chart.setData(aligned(state));
      root.setAttribute('aria-label', describe(state));
    },
    renew: discard,
  };
}

function makeChart(root: HTMLElement, methods: readonly string[]): uPlot {
  const style = getComputedStyle(root);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis: uPlot.Axis = {
    stroke: colour('--soft'),
    font: `12px ${style.fontFamily}`,
    grid: { stroke: colour('--grid'), width: 1 },
    ticks: { show: false },
    gap: 6,
  };
  return new uPlot(
    {
      width: root.clientWidth,
      height: Math.round(Math.min(300, Math.max(200, root.clientWidth * 0.5))),
      padding: [10, 8, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false }, y: { distr: 3, range: (_, low, high) => rangeOf(low, high) } },
      axes: [
        {
          ...axis,
          size: 26,
          label: 'step',
          labelSize: 18,
          labelGap: 0,
          labelFont: axis.font!,
          values: (_, ticks) => ticks.map(tickLabel),
        },
        {
          ...axis,
          size: 46,
          splits: (_, __, low, high) => ticksOf([low, high]),
          // uPlot would leave out all but a decade's own where it is crowded.
          filter: (_, ticks) => ticks,
          values: (_, ticks) => ticks.map(tickLabel),
        },
      ],
      series: [
        {},
        ...methods.map((method) => ({
          label: method,
          stroke: lineColour(method, methods, colour),
          width: 1.6,
          dash: dashOf(method, methods),
          spanGaps: true,
          points: { show: false },
        })),
      ],
    },
    [[0], ...methods.map(() => [null])],
    root,
  );
}

/** A little more than the numbers take; before there are any uPlot has nothing, or zero. */
function rangeOf(low: number | null, high: number | null): [number, number] {
  return low !== null && high !== null && low > 0 ? [low / 1.15, high * 1.15] : [0.1, 1];
}

/** Where the numbers span less than a decade, 1, 2 and 5 may be too few. */
function ticksOf(range: [number, number]): number[] {
  const { ticks } = logScale(range, [0, 1]);
  return ticks.length >= 3 ? ticks : linearScale(range, [0, 1], 4).ticks;
}

/** The steps of all methods together; a method has nothing where it was not read. */
function aligned({ methods, curves, quantity }: LossChartState): uPlot.AlignedData {
  const steps = [...new Set([...curves.values()].flatMap((curve) => curve.map(({ step }) => step)))];
  steps.sort((a, b) => a - b);
  const columns = methods.map((method) => {
    const values = new Map(curves.get(method)?.map((point) => [point.step, valueOf(point, quantity)]));
    // A loss of zero has no logarithm.
    return steps.map((step) => values.get(step) || null);
  });
  return [steps, ...columns];
}

/** Of classes the share that is wrong stands where other tasks have the RMSE. */
function valueOf(point: CurvePoint, quantity: Quantity): number {
  return (quantity === 'loss' ? point.loss : (point.testRmse ?? point.testError)) ?? NaN;
}

function describe({ methods, curves, quantity }: LossChartState): string {
  const last = methods.flatMap((method) => {
    const point = curves.get(method)?.at(-1);
    return point ? [`${method} ${valueOf(point, quantity).toPrecision(3)} at step ${point.step}`] : [];
  });
  const words = quantity === 'loss' ? 'Training loss' : 'Test RMSE';
  return `${words} by step, logarithmic. ${last.length > 0 ? `Latest: ${last.join('; ')}.` : 'Nothing yet.'}`;
}
