/** The tab Loss: write a loss, see it, check it, time it, take it along. */
import { element } from '../element.ts';
import { createMessage } from '../message.ts';
import type { Mount } from '../tab.ts';
import { createExport } from './export.ts';
import { createForm } from './form.ts';
import { fieldsFromQuery, queryOf } from './link.ts';
import { createPlot } from './plot.ts';
import type { News } from './protocol.ts';
import { type Reading, readFields } from './read-fields.ts';
import { createResults } from './results.ts';
import type { Fields, Problem } from './source.ts';
import { openWorkshop } from './workshop.ts';

/** Typing rests so long before anything is compiled. */
const PAUSE_MS = 250;

export const mount: Mount = (root, context) => {
  let { template, fields } = fieldsFromQuery(context.query);
  let reading: Reading = readFields(fields);
  let wgslProblems: readonly Problem[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isChecking = false;
  let isFilling = false;
  let isWithoutGpu = false;

  const message = createMessage();
  let adapter = '';
  const runButton = element('button', { type: 'button', className: 'primary' }, 'Check and time');
  const stopButton = element('button', { type: 'button', hidden: true }, 'Stop');
  const results = createResults(() => adapter);
  const plot = createPlot(() => schedule());
  const file = createExport();
  const workshop = openWorkshop(hear);
  const form = createForm({
    onChange: () => changed(),
    onRun: () => run(),
    onTemplate(chosen) {
      template = chosen;
      fill(chosen.fields);
      changed();
    },
  });

  runButton.addEventListener('click', run);
  stopButton.addEventListener('click', () => {
    workshop.stop();
    setChecking(false);
    results.stop('Stopped.');
  });
  context.onThemeChange(() => plot.redraw());

  root.append(
    message.dom,
    element(
      'div',
      { className: 'loss-tab' },
      element(
        'div',
        { className: 'loss-left' },
        form.dom,
        element(
          'div',
          { className: 'buttons' },
          runButton,
          stopButton,
          element('span', { className: 'soft small' }, 'Ctrl-Enter'),
        ),
        file.dom,
      ),
      element('div', { className: 'loss-right' }, plot.dom, results.dom),
    ),
  );
  form.setTemplate(template);
  fill(fields);
  understand();
  inspect();

  function fill(given: Fields): void {
    isFilling = true;
    form.fill(given);
    isFilling = false;
    fields = given;
  }

  function changed(): void {
    if (isFilling) return;
    fields = form.fields();
    // What the compiler said belongs to the text before.
    wgslProblems = [];
    results.outdate();
    understand();
    context.setQuery(queryOf({ template, fields }));
    schedule();
  }

  /** All that needs no GPU, at once. */
  function understand(): void {
    reading = readFields(fields);
    form.showSignature(reading.signature);
    if (reading.signature) plot.setInputs(reading.signature);
    file.show(reading.source);
    showProblems();
  }

  function schedule(): void {
    clearTimeout(timer);
    timer = setTimeout(inspect, PAUSE_MS);
  }

  function inspect(): void {
    clearTimeout(timer);
    const { signature, source } = reading;
    if (!signature) {
      plot.draw(undefined);
      return;
    }
    if (isChecking) {
      setChecking(false);
      results.stop('Stopped, because the loss has changed.');
    }
    workshop.inspect({ signature, source, curve: plot.request() });
  }

  function run(): void {
    clearTimeout(timer);
    const problem = problems().find(({ severity }) => severity === 'error');
    if (problem) {
      form.focusProblem(problem);
      results.start([]);
      results.stop(`There is something to mend first: ${problem.message}`);
      return;
    }
    if (!reading.source) return;
    setChecking(true);
    results.start([]);
    workshop.check({ source: reading.source });
    results.dom.scrollIntoView({ block: 'nearest' });
  }

  function setChecking(value: boolean): void {
    isChecking = value;
    // The one that is hidden takes the focus along.
    const hadFocus = [runButton, stopButton].includes(document.activeElement as HTMLButtonElement);
    runButton.hidden = value;
    stopButton.hidden = !value;
    if (hadFocus) (value ? stopButton : runButton).focus();
  }

  function hear(news: News): void {
    switch (news.type) {
      case 'ready':
        adapter = news.adapter;
        return;
      case 'no-webgpu':
        fail();
        if (isWithoutGpu) return;
        isWithoutGpu = true;
        message.showNoAdapter(
          'The formula is understood and drawn all the same; nothing can be compiled, checked or timed.',
        );
        return;
      case 'inspected':
        if (!isWithoutGpu) message.hide();
        wgslProblems = news.problems;
        showProblems();
        plot.draw(news.curves, news.notDrawn);
        return;
      case 'checks':
        results.start(news.titles);
        return;
      case 'checked':
        results.checked(news.index, news.failure);
        return;
      case 'timing':
        results.timing(news.shape);
        return;
      case 'timed':
        results.timed(news.timing);
        return;
      case 'finished':
        setChecking(false);
        results.finish();
        return;
      case 'failed':
        fail();
        message.show('That could not be done.', [news.message]);
    }
  }

  function fail(): void {
    if (isChecking) results.stop('Not finished.');
    setChecking(false);
  }

  function problems(): Problem[] {
    return [...reading.problems, ...wgslProblems];
  }

  function showProblems(): void {
    form.showProblems(problems());
  }

  return { show: () => plot.redraw(), hide() {} };
};
