/** The loss and its derivative over one input, as meant and as fused: two charts under one cursor. */
import uPlot from 'uplot';
import { element } from '../element.ts';
import { agreementOf, agrees } from './agreement.ts';
import type { CurveRequest, Curves } from './protocol.ts';
import type { Signature } from './source.ts';

export interface Plot {
  readonly dom: HTMLElement;
  request(): CurveRequest;
  /** Controls for these inputs; what was chosen stays. */
  setInputs(signature: Signature): void;
  /** @param notDrawn why the fused curve is missing */
  draw(curves: Curves | undefined, notDrawn?: string): void;
  /** After a change of width or colours. */
  redraw(): void;
}

const HEIGHT = 210;

export function createPlot(onChange: () => void): Plot {
  const chosen: Record<string, number> = { outlier: 1, label: 0 };
  const along = element('select', {
    className: 'plot-along',
    attributes: { 'aria-label': 'Input of the axis' },
  });
  const [from, to] = [rangeEnd('from', -3), rangeEnd('to', 3)];
  const controls = element('div', { className: 'plot-controls' });
  const agreement = element('p', { className: 'hint', attributes: { role: 'status' } });
  const box = element('div', { className: 'plots' });
  let inputs: readonly string[] = [];
  let shown = '';
  let last: Curves | undefined;
  let charts: uPlot[] = [];

  along.addEventListener('change', () => {
    showControls();
    onChange();
  });
  for (const end of [from, to]) end.addEventListener('input', onChange);

  const showControls = () => {
    controls.replaceChildren(
      ...inputs.filter((key) => key !== along.value).map((key) => fixedInput(key, chosen, onChange)),
    );
  };
  const clear = () => {
    for (const chart of charts) chart.destroy();
    charts = [];
    box.replaceChildren();
  };
  const render = () => {
    clear();
    if (!last || box.clientWidth === 0) return;
    charts = chartsOf(last, box);
  };
  new ResizeObserver(() => {
    for (const chart of charts) chart.setSize({ width: box.clientWidth, height: HEIGHT });
    if (charts.length === 0) render();
  }).observe(box);

  return {
    dom: element(
      'section',
      { className: 'card', attributes: { 'aria-label': 'Curves' } },
      element(
        'div',
        { className: 'plot-head' },
        element('h2', {}, 'Over'),
        along,
        element('label', {}, 'from ', from),
        element('label', {}, 'to ', to),
      ),
      controls,
      box,
      agreement,
    ),
    request() {
      const low = Number(from.value);
      // While somebody types, the end may be before the beginning.
      const high = Math.max(Number(to.value), low + 0.01);
      return { along: along.value, from: low, to: high, others: { ...chosen } };
    },
    setInputs(signature) {
      const key = [signature.inputs, signature.wrt].join('|');
      if (key === shown) return;
      shown = key;
      inputs = signature.inputs;
      const before = along.value;
      along.replaceChildren(...signature.wrt.map((name) => element('option', { value: name }, name)));
      if (signature.wrt.includes(before)) along.value = before;
      showControls();
    },
    draw(curves, notDrawn = '') {
      last = curves;
      agreement.textContent = curves ? agreementOf(curves, notDrawn) : '';
      agreement.className = curves && !agrees(curves) ? 'hint problem' : 'hint';
      render();
    },
    redraw: render,
  };
}

function rangeEnd(name: string, value: number): HTMLInputElement {
  return element('input', {
    type: 'number',
    className: 'plot-end',
    step: '0.5',
    value: String(value),
    attributes: { 'aria-label': `${name}, of the axis` },
  });
}

/** A slider, or a box to tick for what is 0 or 1. */
function fixedInput(key: string, chosen: Record<string, number>, onChange: () => void): HTMLElement {
  chosen[key] ??= 0.5;
  if (key === 'outlier') {
    const box = element('input', { type: 'checkbox', checked: chosen[key] > 0.5 });
    box.addEventListener('change', () => {
      chosen[key] = box.checked ? 1 : 0;
      onChange();
    });
    return element('label', { className: 'fixed-input' }, box, ' outlier');
  }
  const value = element('output', { className: 'number' }, chosen[key].toFixed(2));
  const slider = element('input', {
    type: 'range',
    min: '-3',
    max: '3',
    step: '0.05',
    value: String(chosen[key]),
  });
  slider.addEventListener('input', () => {
    chosen[key] = Number(slider.value);
    value.textContent = chosen[key].toFixed(2);
    onChange();
  });
  return element('label', { className: 'fixed-input' }, element('span', {}, key), slider, value);
}

function chartsOf({ along, x, composed, fused }: Curves, box: HTMLElement): uPlot[] {
  const colour = (name: string) => () => getComputedStyle(box).getPropertyValue(name).trim();
  const axis = {
    stroke: colour('--soft'),
    grid: { stroke: colour('--grid'), width: 1 },
    ticks: { stroke: colour('--grid'), width: 1 },
  };
  const sync = uPlot.sync('loss');
  return (['value', 'slope'] as const).map((kind) => {
    const title = kind === 'value' ? 'loss' : `derivative by ${along}`;
    const line = (name: string, more: Partial<uPlot.Series>): uPlot.Series => ({
      label: name,
      value: (_, value: number | null) => (value === null ? '–' : value.toPrecision(4)),
      points: { show: false },
      ...more,
    });
    box.append(element('p', { className: 'plot-title' }, title));
    const chart = new uPlot(
      {
        width: box.clientWidth,
        height: HEIGHT,
        cursor: { sync: { key: sync.key }, drag: { x: false, y: false } },
        scales: { x: { time: false } },
        axes: [axis, { ...axis, size: 52 }],
        series: [
          { label: along, value: (_, value: number | null) => (value === null ? '–' : value.toFixed(3)) },
          line('composed', { stroke: colour('--m2'), width: 4 }),
          ...(fused ? [line('fused', { stroke: colour('--m6'), width: 1.75, dash: [7, 4] })] : []),
        ],
      },
      [numbers(x) as number[], numbers(composed[kind]), ...(fused ? [numbers(fused[kind])] : [])],
      box,
    );
    chart.root.setAttribute('role', 'img');
    chart.root.setAttribute('aria-label', `${title} over ${along}, composed${fused ? ' and fused' : ''}`);
    return chart;
  });
}

/** What is not finite is a gap. */
function numbers(values: ArrayLike<number>): (number | null)[] {
  return Array.from(values, (value) => (Number.isFinite(value) ? value : null));
}
