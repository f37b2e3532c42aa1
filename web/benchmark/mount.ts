/** The tab Benchmark: what this machine's adapter can do, and how near the kernels come to it. */
import type { Failure, Report, Row } from '../../bench/report/report.ts';
import type { Roofline } from '../../bench/roofline.ts';
import { element } from '../element.ts';
import { createMessage } from '../message.ts';
import type { Mount } from '../tab.ts';
import type { News, Order, Scope } from './protocol.ts';
import { limitFacts, rooflineFigure, rowTable } from './report-view.ts';

export const mount: Mount = (root, context) => {
  let worker: Worker | undefined;
  let adapter = '';
  let works = 0;
  let done = 0;
  let roofline: Roofline | undefined;
  let rows: readonly Row[] = [];
  let failures: readonly Failure[] = [];

  const scope = element(
    'select',
    { id: 'benchmark-scope' },
    element('option', { value: 'quick' }, 'Quick: some kernels, short samples'),
    element('option', { value: 'full' }, 'Full: every kernel, minutes'),
  );
  scope.value = context.query.scope === 'full' ? 'full' : 'quick';
  scope.addEventListener('change', () => context.setQuery(scope.value === 'full' ? { scope: 'full' } : {}));
  const startButton = element('button', { type: 'button', className: 'primary' }, 'Measure');
  const stopButton = element('button', { type: 'button', hidden: true }, 'Stop');
  const download = element('button', { type: 'button', disabled: true }, 'Download JSON');
  const progress = element('progress', {
    max: 1,
    value: 0,
    hidden: true,
    attributes: { 'aria-label': 'Progress' },
  });
  const status = element(
    'p',
    { className: 'soft', attributes: { role: 'status' } },
    'Close what else keeps this machine busy; numbers stay on this machine.',
  );
  const message = createMessage();
  const view = element('div', { className: 'benchmark-view' });

  startButton.addEventListener('click', start);
  stopButton.addEventListener('click', () => end(`Stopped after ${done} of ${works || '?'} kernels.`));
  download.addEventListener('click', save);

  root.append(
    element(
      'div',
      { className: 'benchmark-tab' },
      element('h2', {}, 'How fast this adapter is, and how near the kernels come to it'),
      element(
        'div',
        { className: 'buttons benchmark-controls' },
        element(
          'label',
          { className: 'visually-hidden', attributes: { for: 'benchmark-scope' } },
          'How much',
        ),
        scope,
        startButton,
        stopButton,
        download,
      ),
      progress,
      status,
      message.dom,
      view,
    ),
  );

  function start(): void {
    [adapter, works, done, roofline, rows, failures] = ['', 0, 0, undefined, [], []];
    message.hide();
    progress.removeAttribute('value');
    setRunning(true);
    status.textContent = 'Opening the adapter …';
    render();
    worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    const own = worker;
    own.addEventListener('message', ({ data }: MessageEvent<News>) => {
      if (own === worker) hear(data);
    });
    own.addEventListener('error', (event) => {
      if (own === worker) fail(event.message || 'the worker could not be started');
    });
    const order: Order = { scope: scope.value as Scope };
    own.postMessage(order);
  }

  function hear(news: News): void {
    switch (news.type) {
      case 'ready':
        [adapter, works] = [news.adapter, news.works];
        break;
      case 'note':
        status.textContent = roofline ? `${done + 1} of ${works}: ${news.text}` : news.text;
        return;
      case 'limits':
        roofline = news.roofline;
        progress.value = 0;
        break;
      case 'rows':
        rows = [...rows, ...news.rows];
        progress.value = ++done / works;
        break;
      case 'left-out':
        failures = [...failures, { work: news.work, name: 'limbeck', reason: news.reason }];
        progress.value = ++done / works;
        break;
      case 'finished':
        end(`Measured ${rows.length} rows on ${adapter}.`);
        return;
      case 'no-webgpu':
        end('Not measured.');
        message.showNoAdapter();
        return;
      case 'failed':
        fail(news.message);
        return;
    }
    render();
  }

  function end(text: string): void {
    worker?.terminate();
    worker = undefined;
    setRunning(false);
    status.textContent = text;
    render();
  }

  function fail(text: string): void {
    end('Not finished.');
    message.show('The measurement broke off.', [text]);
  }

  function setRunning(isRunning: boolean): void {
    // The button that is hidden takes the focus along.
    const hadFocus = [startButton, stopButton].includes(document.activeElement as HTMLButtonElement);
    startButton.hidden = isRunning;
    stopButton.hidden = !isRunning;
    progress.hidden = !isRunning;
    scope.disabled = isRunning;
    if (hadFocus) (isRunning ? stopButton : startButton).focus();
  }

  function reportSoFar(): Report | undefined {
    return roofline && { adapter, roofline, rows, peers: [], failures };
  }

  function render(): void {
    const report = reportSoFar();
    download.disabled = rows.length === 0;
    if (!report) view.replaceChildren();
    else
      view.replaceChildren(
        limitFacts(report),
        ...(rows.length > 0 ? [rowTable(report), rooflineFigure(report)] : []),
      );
  }

  /** As `npm run bench -- kernels --json` prints it. */
  function save(): void {
    const url = URL.createObjectURL(
      new Blob([`${JSON.stringify(reportSoFar())}\n`], { type: 'application/json' }),
    );
    element('a', { href: url, download: 'limbeck-bench-kernels.json' }).click();
    // Not at once: the browser may still be reading it.
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }

  return { show() {}, hide() {} };
};
