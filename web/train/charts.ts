/** Everything that is drawn of a training: one seed at a time, the one in training unless another is chosen. */
import { lineSample, slotClasses } from '../../report/report-marks.ts';
import type { StudyConfig } from '../../study/results.ts';
import { allRows } from '../../study/rows.ts';
import type { LabelsEvent } from '../../study/study-types.ts';
import { element } from '../element.ts';
import { makeFitChart } from './fit-chart.ts';
import { makeLossChart, type Quantity } from './loss-chart.ts';
import type { Run, SeedView } from './run.ts';

export interface Charts {
  readonly root: HTMLElement;
  /** What would be trained on, before there is a run. */
  preview(config: StudyConfig, event: LabelsEvent): void;
  /** Shows a run from now on, or nothing. */
  follow(run: Run | undefined): void;
  /** Something has changed; drawn with the next frame. */
  update(): void;
  /** Colours or widths have changed. */
  renew(): void;
}

export function makeCharts(): Charts {
  const fit = makeFitChart();
  const loss = makeLossChart();
  const hidden = new Set<string>();
  let run: Run | undefined;
  let shownPreview: { config: StudyConfig; event: LabelsEvent } | undefined;
  /** Undefined follows the training. */
  let chosen: number | undefined;
  let frame = 0;

  const seedSelect = element('select', { attributes: { 'aria-label': 'Seed that the charts show' } });
  seedSelect.addEventListener('change', () => {
    chosen = seedSelect.value === '' ? undefined : Number(seedSelect.value);
    update();
  });
  const quantity = element(
    'select',
    { attributes: { 'aria-label': 'Quantity' } },
    element('option', { value: 'loss' }, 'Training loss'),
    element('option', { value: 'testRmse' }, 'Test RMSE'),
  );
  quantity.addEventListener('change', () => update());
  const title = element('h2', {}, 'Labels and fitted curves');
  const legend = element('ul', { className: 'legend' });
  const fitNote = element('span', { className: 'soft small' });
  const lossCard = element(
    'section',
    { className: 'card', hidden: true, attributes: { 'aria-label': 'Training curves' } },
    element('div', { className: 'card-head' }, element('h2', {}, 'Training curves'), quantity),
    loss.root,
    element(
      'p',
      { className: 'soft small note' },
      'Logarithmic. Losses of different methods measure different things; test RMSE compares them.',
    ),
  );
  const root = element(
    'div',
    { className: 'charts' },
    element(
      'section',
      { className: 'card', attributes: { 'aria-label': 'Labels and fitted curves' } },
      element('div', { className: 'card-head' }, title, fitNote, seedSelect),
      legend,
      fit.root,
    ),
    lossCard,
  );

  const makeLegend = (methods: readonly string[]) => {
    const slotOf = slotClasses(methods);
    const items = methods.map((method) => {
      const box = element('input', { type: 'checkbox', checked: !hidden.has(method) });
      box.addEventListener('change', () => {
        if (box.checked) hidden.delete(method);
        else hidden.add(method);
        update();
      });
      const label = element('label', {}, box);
      label.insertAdjacentHTML('beforeend', lineSample(slotOf(method)));
      label.append(method);
      return element('li', {}, label);
    });
    legend.replaceChildren(...items);
  };

  const writeSeeds = (seeds: readonly number[]) => {
    const values = ['', ...seeds.map(String)];
    if ([...seedSelect.options].map(({ value }) => value).join() === values.join()) return;
    const words = (value: string) => (value === '' ? 'latest seed' : `seed ${value}`);
    seedSelect.replaceChildren(...values.map((value) => element('option', { value }, words(value))));
    seedSelect.value = chosen === undefined ? '' : String(chosen);
  };

  const draw = () => {
    frame = 0;
    if (root.clientWidth === 0) return;
    const points = run ? [...run.seeds.values()].at(-1)?.points : shownPreview?.event.points;
    title.textContent = points?.against === 'teacher' ? 'Labels and predictions' : 'Labels and fitted curves';
    const seeds = [...(run?.seeds.keys() ?? [])];
    const seed = chosen ?? run?.progress?.seed ?? seeds.at(-1);
    const view: SeedView | undefined = seed === undefined ? undefined : run?.seeds.get(seed);
    seedSelect.hidden = seeds.length < 2;
    legend.hidden = !run;
    lossCard.hidden = !run;
    if (run && view && seed !== undefined) {
      writeSeeds(seeds);
      fitNote.textContent = seeds.length < 2 || chosen === undefined ? `seed ${seed}` : '';
      const live =
        run.status === 'finished' || run.progress?.seed !== seed ? undefined : run.progress?.method;
      fit.draw({ config: run.config, seed, view, hidden, live });
      loss.draw({
        methods: allRows(run.config),
        curves: view.curves,
        quantity: quantity.value as Quantity,
        hidden,
      });
    } else if (shownPreview) {
      const { config, event } = shownPreview;
      fitNote.textContent = `seed ${event.seed}, before training`;
      const view = { points: event.points, fits: new Map(), curves: new Map(), networks: new Map() };
      fit.draw({ config, seed: event.seed, view, hidden, live: undefined });
    }
  };
  const update = () => {
    frame ||= requestAnimationFrame(draw);
  };
  new ResizeObserver(() => {
    loss.renew();
    update();
  }).observe(root);

  return {
    root,
    preview(config, event) {
      shownPreview = { config, event };
      update();
    },
    follow(given) {
      run = given;
      chosen = undefined;
      hidden.clear();
      if (run) makeLegend(allRows(run.config));
      update();
    },
    update,
    renew() {
      loss.renew();
      update();
    },
  };
}
