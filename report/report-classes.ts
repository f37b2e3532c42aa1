/** The section of a study of classes: which were taken for which, over all seeds together. */
import { formatCount, formatPercent } from '../base/format.ts';
import type { ClassCounts, SeedResult } from '../study/results.ts';
import { escapeHtml } from './report-svg.ts';
import { cell, table } from './report-tables.ts';

/** A matrix of more is no longer read; the pairs that are confused most are. */
const mostInMatrix = 30;
const mostPairs = 12;

/** The counts of one method, all seeds added up; undefined without any. */
export function pooledCounts(seeds: readonly SeedResult[], method: string): ClassCounts | undefined {
  const all = seeds.flatMap(({ results }) =>
    results.flatMap((result) =>
      result.method === method && result.fit.kind === 'classes' ? [result.fit] : [],
    ),
  );
  const [first] = all;
  if (!first) return undefined;
  return {
    ...first,
    counts: first.counts.map((_, i) => all.reduce((sum, { counts }) => sum + counts[i]!, 0)),
  };
}

export interface ConfusedPair {
  readonly truth: string;
  readonly predicted: string;
  readonly rows: number;
  /** Of all rows of that class. */
  readonly share: number;
}

/** Those that are confused, the most rows first. */
export function confusedPairs({ classes, counts }: ClassCounts): ConfusedPair[] {
  return classes
    .flatMap((truth, i) => {
      const row = counts.slice(i * classes.length, (i + 1) * classes.length);
      const all = row.reduce((sum, count) => sum + count, 0);
      return row.flatMap((rows, k) =>
        k === i || rows === 0 ? [] : [{ truth, predicted: classes[k]!, rows, share: rows / all }],
      );
    })
    .toSorted((a, b) => b.rows - a.rows);
}

/** A matrix and a list of pairs for each method. */
export function confusionSection(seeds: readonly SeedResult[], methods: readonly string[]): string {
  const figures = methods.flatMap((method) => {
    const counts = pooledCounts(seeds, method);
    if (!counts) return [];
    const matrix = counts.classes.length <= mostInMatrix ? matrixTable(method, counts) : '';
    return [
      `<details${method === methods.at(-1) ? ' open' : ''}><summary>${escapeHtml(method)}</summary>${matrix}${pairsTable(method, counts)}</details>`,
    ];
  });
  return `<section class="confusion"><h2>What was taken for what</h2>
<p class="note">Test rows of all seeds together.</p>
${figures.join('\n')}</section>`;
}

function matrixTable(method: string, { classes, counts }: ClassCounts): string {
  const head = [
    cell('th', 'class ↓ predicted →', 'left', ' scope="col"'),
    ...classes.map((name) => cell('th', name, 'right', ' scope="col"')),
  ];
  const rows = classes.map((name, i) => {
    const own = counts.slice(i * classes.length, (i + 1) * classes.length);
    const all = own.reduce((sum, count) => sum + count, 0);
    const cells = own.map((count, k) => {
      const share = all > 0 ? count / all : 0;
      // What is right is pale: the eye is to find what is not.
      const shade = Math.round(100 * Math.min(1, k === i ? share * 0.25 : share * 4));
      const look =
        count === 0
          ? ''
          : ` style="background:color-mix(in srgb,var(--${k === i ? 'kept' : 'rejected'}) ${shade}%,transparent)"`;
      return `<td class="number"${look}>${count === 0 ? '·' : formatCount(count)}</td>`;
    });
    return `<tr>${cell('th', name, 'left', ' scope="row"')}${cells.join('')}</tr>`;
  });
  return table(`Confusion of ${method}`, 'A row a class, a column what was predicted.', head.join(''), rows);
}

function pairsTable(method: string, counts: ClassCounts): string {
  const pairs = confusedPairs(counts).slice(0, mostPairs);
  if (pairs.length === 0) return '<p class="note">Every test row was right.</p>';
  const head = ['class', 'taken for', 'rows', 'share of the class'];
  const rows = pairs.map(
    ({ truth, predicted, rows: count, share }) =>
      `<tr>${cell('th', truth, 'left', ' scope="row"')}${cell('td', predicted, 'left')}` +
      `${cell('td', formatCount(count), 'right')}${cell('td', formatPercent(share), 'right')}</tr>`,
  );
  return table(
    `Most confused by ${method}`,
    'The pairs that were confused most.',
    head.map((title, i) => cell('th', title, i < 2 ? 'left' : 'right', ' scope="col"')).join(''),
    rows,
  );
}
