/** Where a CSV file comes in: dropped, chosen or pasted; what is in it; which columns are to be predicted. */
import type { Table } from '../../datasets/dataset.ts';
import { formatCount } from '../../base/format.ts';
import { element } from '../element.ts';

const PREVIEW_ROWS = 5;

export interface TableField {
  readonly root: HTMLElement;
  /** A table that has been read, and what could be read in two ways. */
  show(name: string, table: Table, notes: readonly string[]): void;
  /** A text that is none: the table there was stays. */
  refuse(message: string): void;
}

/** `onSource` hears of every file or text; `writing` are fields about how it is written. */
export function makeTableField(
  onSource: (name: string, source: Blob) => void,
  writing: HTMLElement,
): TableField {
  const input = element('input', {
    type: 'file',
    accept: '.csv,.tsv,.txt,text/csv,text/plain',
    className: 'visually-hidden',
    tabIndex: -1,
    attributes: { 'aria-hidden': 'true' },
  });
  const choose = element('button', { type: 'button' }, 'Choose a file');
  choose.addEventListener('click', () => input.click());
  input.addEventListener('change', () => {
    const [file] = input.files ?? [];
    if (file) onSource(file.name, file);
    // The same file again, once mended, is a change too.
    input.value = '';
  });
  const text = element('textarea', {
    rows: 5,
    id: 'pasted',
    spellcheck: false,
    placeholder: 'x,y\n0.1,2.5\n0.2,2.7',
  });
  const use = element('button', { type: 'button' }, 'Use this text');
  use.addEventListener('click', () => onSource('pasted.csv', new Blob([text.value])));
  const problem = element('div', {
    className: 'message error complaints',
    hidden: true,
    attributes: { role: 'alert' },
  });
  const preview = element('div', {});
  const root = element(
    'div',
    { className: 'table-field' },
    element(
      'div',
      { className: 'drop' },
      element('p', {}, 'Drop a CSV file of numbers anywhere on this page.'),
      element('div', { className: 'buttons' }, choose, input),
      element(
        'details',
        {},
        element('summary', {}, 'Paste instead'),
        element('label', { htmlFor: 'pasted', className: 'visually-hidden' }, 'Table as text'),
        text,
        use,
      ),
    ),
    problem,
    writing,
    preview,
  );
  return {
    root,
    show(name, table, notes) {
      problem.hidden = true;
      problem.textContent = '';
      preview.replaceChildren(
        element(
          'p',
          { className: 'small file-name' },
          element('strong', {}, name),
          `: ${formatCount(table.rows)} rows, ${table.columns.length} columns`,
        ),
        ...notes.map((note) => element('p', { className: 'hint warning' }, note)),
        previewTable(table),
      );
    },
    refuse(message) {
      problem.textContent = message;
      problem.hidden = false;
    },
  };
}

/** Files dropped anywhere on the page while `panel` is open, with a sign while one is over it. */
export function acceptDrops(panel: HTMLElement, onSource: (name: string, source: Blob) => void): void {
  const hasFile = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
  const mark = (isOver: boolean) => panel.classList.toggle('dropping', isOver);
  document.addEventListener('dragover', (event) => {
    if (!hasFile(event)) return;
    // Or the browser would leave the page, and all that is on it, for the file.
    event.preventDefault();
    mark(true);
  });
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) mark(false);
  });
  document.addEventListener('drop', (event) => {
    if (!hasFile(event)) return;
    event.preventDefault();
    mark(false);
    const [file] = event.dataTransfer?.files ?? [];
    if (file && !panel.hidden) onSource(file.name, file);
  });
}

function previewTable({ columns, rows, values }: Table): HTMLElement {
  const row = (i: number) =>
    columns.map((_, j) =>
      element('td', { className: 'number' }, String(Number(values[i * columns.length + j]!.toPrecision(6)))),
    );
  const shown = Array.from({ length: Math.min(PREVIEW_ROWS, rows) }, (_, i) => element('tr', {}, ...row(i)));
  const table = element(
    'table',
    {},
    element('caption', { className: 'visually-hidden' }, 'First rows of the file'),
    element(
      'thead',
      {},
      element('tr', {}, ...columns.map((name) => element('th', { scope: 'col', className: 'number' }, name))),
    ),
    element('tbody', {}, ...shown),
  );
  return element(
    'div',
    {
      className: 'scroll',
      tabIndex: 0,
      attributes: { role: 'region', 'aria-label': 'First rows of the file' },
    },
    table,
  );
}
