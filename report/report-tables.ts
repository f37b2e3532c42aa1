/** Tables of results in the report: errors by method, both heads of the students that have two, hashes of the weights. */

import { formatError } from '../base/format.ts';
import { escapeHtml } from './report-svg.ts';
import { errorWords } from './report-words.ts';
import type { SeedResult, Summary } from '../study/results.ts';
import { mean } from '../base/statistics.ts';
import { columnsOf, validationLines } from './table.ts';
import { judge } from './verdict.ts';

/** The table of the terminal, with a word of judgement a row. */
export function mainTable(summary: Summary): string {
  const columns = columnsOf(summary);
  const verdictOf = (method: string) => {
    const pair = summary.paired.find((row) => row.method === method);
    return pair === undefined ? '–' : judge(pair);
  };
  const hasVerdict = summary.paired.length > 0;
  const head = columns.map(({ title, align }) => cell('th', title, align, ' scope="col"'));
  const rows = summary.rows.map((row) => {
    const cells = columns.map((column, i) =>
      i === 0
        ? cell('th', column.cell(row), 'left', ' scope="row"')
        : cell('td', column.cell(row), column.align),
    );
    return `<tr>${cells.join('')}${hasVerdict ? cell('td', verdictOf(row.method), 'left') : ''}</tr>`;
  });
  const last = hasVerdict ? cell('th', 'verdict', 'left', ' scope="col"') : '';
  const about = [
    errorWords(summary).note,
    ...validationLines(summary),
    'parameters of the network as deployed',
    'time of training one',
  ];
  const note = `${about.join('; ')}.`;
  return table('Errors by method', note, `${head.join('')}${last}`, rows);
}

/** Empty without a student that has two heads. */
export function headsTable(seeds: readonly SeedResult[]): string {
  const withHeads = seeds.flatMap(({ results }) =>
    results.flatMap(({ method, heads }) => (heads ? [{ method, heads }] : [])),
  );
  const methods = [...new Set(withHeads.map(({ method }) => method))];
  if (methods.length === 0) return '';
  const rows = methods.map((method) => {
    const own = withHeads.filter((entry) => entry.method === method).map(({ heads }) => heads);
    const cells = ['label', 'teacher', 'mean'].map((head) =>
      cell('td', formatError(mean(own.map((heads) => heads[head]!))), 'right'),
    );
    return `<tr>${cell('th', method, 'left', ' scope="row"')}${cells.join('')}</tr>`;
  });
  const titles = ['label head (deployed)', 'teacher head', 'mean of both'];
  const head =
    cell('th', 'method', 'left', ' scope="col"') +
    titles.map((title) => cell('th', title, 'right', ' scope="col"')).join('');
  return table('Both heads', 'Test RMSE of each head of the students with two, mean over seeds.', head, rows);
}

export function weightsTable(summary: Summary): string {
  const rows = summary.rows.flatMap((row) =>
    row.weightsSha256.map(
      (hash, i) =>
        `<tr>${cell('th', row.method, 'left', ' scope="row"')}${cell('td', String(summary.seeds[i] ?? i), 'right')}` +
        `<td><code>${escapeHtml(hash)}</code></td></tr>`,
    ),
  );
  const head = ['method', 'seed', 'SHA-256'].map((title, i) =>
    cell('th', title, i === 1 ? 'right' : 'left', ' scope="col"'),
  );
  const inside = table(
    'Weights',
    'The same command on the same adapter gives the same bits.',
    head.join(''),
    rows,
  );
  return `<details><summary>Hashes of the weights</summary>${inside}</details>`;
}

export function cell(tag: 'td' | 'th', text: string, align: 'left' | 'right', attributes = ''): string {
  return `<${tag}${attributes}${align === 'right' ? ' class="number"' : ''}>${escapeHtml(text)}</${tag}>`;
}

/** In a box that scrolls sideways, with the keyboard too, where a phone is narrower than the table. */
export function table(name: string, note: string, head: string, rows: readonly string[]): string {
  const id = `table-${name.toLowerCase().replaceAll(' ', '-')}`;
  // The words above the table are no caption element: that would be as wide as the table, and scroll away.
  return (
    `<p class="note table-note" id="${id}">${escapeHtml(note)}</p>` +
    `<div class="scroll" role="region" aria-label="${escapeHtml(name)}" tabindex="0">` +
    `<table aria-label="${escapeHtml(name)}" aria-describedby="${id}"><thead><tr>${head}</tr></thead>` +
    `<tbody>${rows.join('\n')}</tbody></table></div>`
  );
}
