/** The tab Train: a form, a worker that trains what it says, and everything that comes of it. */
import type { Table } from '../../datasets/dataset.ts';
import type { StudyConfig } from '../../study/results.ts';
import { element } from '../element.ts';
import type { Mount } from '../tab.ts';
import { makeCharts } from './charts.ts';
import { failureMessage } from './failure-message.ts';
import type { FailureKind, News } from './protocol.ts';
import { makeResultsView } from './results-view.ts';
import { Run } from './run.ts';
import { makeRunBar } from './run-bar.ts';
import { openSession } from './session.ts';
import { commandOf, settingsOf } from './settings.ts';
import { makeSetupForm } from './setup-form.ts';
import { acceptDrops } from './table-field.ts';

/** A slider moves faster than a preview is made. */
const PREVIEW_AFTER_MS = 60;

export const mount: Mount = (root, context) => {
  // First of all: its program and the GPU wake up while the rest is made.
  const session = openSession((news) => hear(news));
  const { settings: given, unknown, isStarted } = settingsOf(context.query);
  let run: Run | undefined;
  let runTable: Table | undefined;
  let missing: FailureKind | undefined;
  let previewTimer = 0;

  const form = makeSetupForm({
    settings: given,
    onChange: () => settingsChanged(),
    onSource: (name, source, writing) => session.read(name, source, writing),
  });
  const charts = makeCharts();
  const results = makeResultsView();
  const messages = element('div', {});
  const notes = element('div', {});
  const command = element('code', {});
  const about = aboutCard();
  const changed = element(
    'p',
    { className: 'message small', hidden: true },
    'These settings are not those of the run shown; they count from the next start.',
  );
  const bar = makeRunBar({
    start: () => start(form.checked.config),
    pause() {
      if (!run) return;
      run.status = 'stopping';
      session.pause();
      draw();
    },
    resume: () => session.resume(),
    restart() {
      session.renew();
      start(form.checked.config);
    },
  });

  const blocked = () => {
    if (!form.checked.config) return 'Some settings need a look: see the fields marked in red.';
    return missing && form.checked.config.device !== 'cpu' ? 'Training needs WebGPU, see above.' : undefined;
  };
  const draw = () => {
    bar.draw(run, blocked());
    about.hidden = run !== undefined;
    changed.hidden = !run || JSON.stringify(run.config) === JSON.stringify(form.checked.config);
    charts.update();
  };
  const start = (config: StudyConfig | undefined) => {
    if (!config) return;
    messages.replaceChildren();
    run = new Run(config);
    runTable = form.table;
    charts.follow(run);
    results.draw(run);
    session.start(config, form.table);
    draw();
    // Below the form on a phone, out of sight.
    if (matchMedia('(max-width: 800px)').matches) charts.root.scrollIntoView();
  };

  const settingsChanged = () => {
    const query = Object.fromEntries(form.settings);
    context.setQuery(query);
    command.textContent = commandOf(form.settings);
    clearTimeout(previewTimer);
    previewTimer = window.setTimeout(preview, PREVIEW_AFTER_MS);
    draw();
  };
  const preview = () => {
    if (form.checked.config && !run) session.preview(form.checked.config, form.table);
  };

  const showFailure = (kind: FailureKind, message: string) => {
    const actions = {
      useCpu() {
        form.set('device', 'cpu');
        session.renew();
        start(form.checked.config);
      },
      goOn() {
        if (!run) return;
        messages.replaceChildren();
        session.renew();
        session.start(run.rest(), runTable);
        draw();
      },
    };
    messages.replaceChildren(failureMessage(kind, message, actions));
  };

  const hear = (news: News) => {
    switch (news.type) {
      case 'adapter':
        performance.mark('limbeck:adapter');
        missing = undefined;
        bar.showAdapter(`${news.name}${news.isSoftware ? ' · a software adapter: it works, slowly' : ''}`);
        return draw();
      case 'adapter-missing':
        missing = news.kind;
        if (form.checked.config?.device !== 'cpu') showFailure(news.kind, '');
        return draw();
      case 'table':
        return form.useTable(news.name, news.table, news.notes, news.found);
      case 'table-refused':
      case 'preview-refused':
        return form.refuseTable(news.message);
      case 'preview':
        if (form.checked.config) charts.preview(form.checked.config, news.event);
        return;
      default:
        if (news.type === 'point' && news.point.method !== 'teacher' && run?.points.length === 0)
          performance.mark('limbeck:first-student');
        if (news.type === 'device') performance.mark('limbeck:device');
        run?.hear(news);
        if (news.type === 'failed') showFailure(news.kind, news.message);
        if (['labels', 'network', 'seed', 'finished', 'failed'].includes(news.type)) results.draw(run);
        return draw();
    }
  };

  if (unknown.length > 0) {
    const names = unknown.map((name) => `'${name}'`).join(', ');
    notes.append(
      element(
        'p',
        { className: 'message warning' },
        `The link names ${names}, which this page does not know; ignored.`,
      ),
    );
  }
  command.textContent = commandOf(form.settings);
  root.append(
    notes,
    messages,
    bar.root,
    element(
      'div',
      { className: 'train' },
      element(
        'div',
        {},
        changed,
        form.root,
        element('p', { className: 'soft small command' }, 'The same in a terminal: ', command),
      ),
      element('div', { className: 'watch' }, charts.root, about, results.root),
    ),
  );
  acceptDrops(root, (name, source) => form.give(name, source));
  context.onThemeChange(() => charts.renew());
  // Leaving while it trains would lose it.
  window.addEventListener('beforeunload', (event) => {
    if (run && !['finished', 'failed'].includes(run.status)) event.preventDefault();
  });
  draw();
  if (isStarted && !blocked()) start(form.checked.config);
  else preview();
  return {
    show() {
      charts.renew();
      if (!run) bar.focus();
    },
    hide() {},
  };
};

/** For whoever opens the page without knowing what it does. */
function aboutCard(): HTMLElement {
  const paragraphs = [
    'A teacher, a large network, learns the noisy labels. Labels too far from what it predicts are rejected. Then ' +
      'students, small networks, train on the same data from the same initial weights, each by another method.',
    'The table compares their errors on clean or held-out labels, with 95 % intervals over seeds. All of it runs in this ' +
      'browser; nothing is sent anywhere.',
  ];
  return element(
    'section',
    { className: 'card about' },
    element('h2', {}, 'What is trained'),
    ...paragraphs.map((text) => element('p', { className: 'soft' }, text)),
  );
}
