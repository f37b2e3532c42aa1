/** The table of a run with its intervals, what it says in words, and its files. */
import { columnsOf, maskLine } from '../../report/table.ts';
import type { Summary } from '../../study/results.ts';
import { headline, verdictLines } from '../../report/verdict.ts';
import { element } from '../element.ts';
import type { Run } from './run.ts';
import { weightsName } from './run.ts';
import { runFiles, save, saveAll } from './run-files.ts';

export interface ResultsView {
  readonly root: HTMLElement;
  draw(run: Run | undefined): void;
}

export function makeResultsView(): ResultsView {
  const head = element('p', { className: 'headline' });
  const body = element('div', {
    className: 'scroll',
    tabIndex: 0,
    attributes: { role: 'region', 'aria-label': 'Table of results' },
  });
  const verdicts = element('ul', { className: 'verdicts' });
  const files = element('div', { className: 'buttons files' });
  const root = element(
    'section',
    { className: 'card results', hidden: true, attributes: { 'aria-label': 'Results' } },
    element('div', { className: 'card-head' }, element('h2', {}, 'Results')),
    head,
    body,
    verdicts,
    files,
  );
  return {
    root,
    draw(run) {
      const summary = run?.summary;
      root.hidden = !summary;
      if (!run || !summary) return;
      const isDone = run.status === 'finished';
      const rest = isDone ? '' : `${run.finishedSeeds} of ${run.config.seeds} seeds finished. `;
      head.textContent = rest + (headline(summary) ?? '');
      body.replaceChildren(makeTable(summary));
      verdicts.replaceChildren(...[...verdictLines(summary), maskLine(summary)].map(verdictItem));
      // Buttons are made once, so that focus stays where it is while results come in.
      if (files.childElementCount === 0 || files.dataset.count !== String(run.weights.size)) {
        const had = files.contains(document.activeElement);
        files.dataset.count = String(run.weights.size);
        files.replaceChildren(...makeButtons(run));
        if (had) files.querySelector('button')?.focus();
      }
    },
  };
}

function makeTable(summary: Summary): HTMLTableElement {
  const columns = columnsOf(summary);
  const classOf = (align: 'left' | 'right') => (align === 'right' ? 'number' : '');
  const rows = summary.rows.map((row) => {
    const [first, ...others] = columns;
    return element(
      'tr',
      {},
      element('th', { scope: 'row' }, first!.cell(row)),
      ...others.map(({ cell, align }) => element('td', { className: classOf(align) }, cell(row))),
    );
  });
  return element(
    'table',
    {},
    element(
      'caption',
      { className: 'visually-hidden' },
      'Test error by method, with 95 % intervals over seeds',
    ),
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        ...columns.map(({ title, align }) =>
          element('th', { scope: 'col', className: classOf(align) }, title),
        ),
      ),
    ),
    element('tbody', {}, ...rows),
  );
}

/** 'tor − scratch: −0.0340 [−0.0410, −0.0270]: better', the judgement in its colour. */
function verdictItem(line: string): HTMLElement {
  const [, before = line, word = ''] = /^(.*: )(better|worse)$/.exec(line) ?? [];
  return element('li', {}, before, ...(word === '' ? [] : [element('span', { className: word }, word)]));
}

function makeButtons(run: Run): HTMLElement[] {
  const button = (text: string, act: () => void) => {
    const made = element('button', { type: 'button' }, text);
    made.addEventListener('click', act);
    return made;
  };
  const weights = element('select', { attributes: { 'aria-label': 'Network to download' } });
  for (const name of run.weights.keys()) weights.append(element('option', { value: name }, name));
  const last = run.networks.at(-1);
  if (last) weights.value = weightsName(last);
  return [
    button('summary.json', () => save('summary.json', runFiles(run).get('summary.json')!)),
    button('report.html', () => save('report.html', runFiles(run).get('report.html')!)),
    button('Whole run folder (.zip)', () => saveAll(run)),
    element(
      'span',
      { className: 'pick' },
      weights,
      button('Weights', () => save(weights.value, run.weights.get(weights.value)!)),
    ),
  ];
}
