/** The table that ends a study, for a terminal and for documents. */

import { formatCount, formatError, formatInterval, formatPercent, formatSeconds } from '../base/format.ts';
import { escapeMarkdown, markdownTable, type TableColumn, textTable } from '../base/text-table.ts';
import { classColumns, metricWords } from './metric.ts';
import type { Summary, SummaryRow } from '../study/results.ts';
import { mean } from '../base/statistics.ts';
import { verdictLines } from './verdict.ts';

export type Column = TableColumn<SummaryRow>;

/** Beside angular errors. */
const rmseColumn: Column = {
  title: 'test RMSE',
  align: 'right',
  cell: ({ rmse }) => (rmse === undefined ? '–' : formatError(rmse)),
};

/** Where students were validated; the teacher is not, by this option. */
const bestStepColumn: Column = {
  title: 'best step',
  align: 'right',
  cell: ({ bestSteps }) => (bestSteps ? formatCount(Math.round(mean(bestSteps))) : '–'),
};

/** Of tables: mean absolute error and R², of each target where there are several. */
function scoreColumns({ rows, target = [] }: Summary): Column[] {
  const count = rows[0]?.targets?.length ?? 0;
  return Array.from({ length: count }, (_, k): Column[] => {
    const of = count > 1 ? ` (${target[k]!})` : '';
    const score = (row: SummaryRow) => row.targets?.[k];
    const title = (name: string) => `${name}${of}`;
    const cell = (value: number | null | undefined) => (value == null ? '–' : formatError(value));
    return [
      ...(count > 1
        ? [
            {
              title: title('RMSE'),
              align: 'right' as const,
              cell: (row: SummaryRow) => cell(score(row)?.rmse),
            },
          ]
        : []),
      { title: title('MAE'), align: 'right', cell: (row) => cell(score(row)?.mae) },
      { title: title('R²'), align: 'right', cell: (row) => cell(score(row)?.r2) },
    ];
  }).flat();
}

/** Of classes: what else they are judged by. */
function metricColumns({ rows }: Summary): Column[] {
  const known = rows[0]?.scores ?? {};
  return Object.entries(classColumns).flatMap(([name, { title, format }]): Column[] =>
    known[name] === undefined
      ? []
      : [{ title, align: 'right', cell: ({ scores }) => format(scores?.[name] ?? NaN) }],
  );
}

/** The columns of the table; the report has the same. */
export function columnsOf(summary: Summary): Column[] {
  const pairOf = (row: SummaryRow) => summary.paired.find(({ method }) => method === row.method);
  const baseline = summary.paired[0]?.baseline;
  const { title, unit, format, formatSigned } = metricWords(summary);
  const difference: Column[] = [
    {
      title: `− ${baseline}`,
      align: 'right',
      cell: (row) => {
        const pair = pairOf(row);
        return pair === undefined ? '–' : formatSigned(pair.meanDifference);
      },
    },
    {
      title: '95 % CI',
      align: 'left',
      cell: (row) => formatInterval(pairOf(row)?.ci95 ?? null, formatSigned),
    },
  ];
  return [
    { title: 'method', align: 'left', cell: (row) => row.method },
    { title: `${title}${unit && ` (${unit.trim()})`}`, align: 'right', cell: (row) => format(row.mean) },
    { title: '95 % CI', align: 'left', cell: (row) => formatInterval(row.ci95, format) },
    { title: 'n', align: 'right', cell: (row) => String(row.n) },
    ...(baseline === undefined ? [] : difference),
    ...(summary.rows.some(({ rmse }) => rmse !== undefined) ? [rmseColumn] : []),
    ...metricColumns(summary),
    ...scoreColumns(summary),
    ...(summary.validationShare === undefined ? [] : [bestStepColumn]),
    { title: 'parameters', align: 'right', cell: (row) => formatCount(row.params) },
    { title: 'time', align: 'right', cell: (row) => formatSeconds(row.seconds) },
  ];
}

/** Table, verdict and mask, without a line end. */
export function summaryTable(summary: Summary): string {
  return [
    ...textTable(columnsOf(summary), summary.rows),
    '',
    ...verdictLines(summary),
    ...(hasMask(summary) ? [maskLine(summary)] : []),
    ...validationLines(summary),
    ...referenceLines(summary),
    ...leftOutLines(summary),
    ...noteLines(summary),
    ...(summary.partial ? ['The study was stopped: only what was finished is counted.'] : []),
  ].join('\n');
}

export function summaryMarkdown(summary: Summary): string {
  return [
    ...markdownTable(columnsOf(summary), summary.rows, escapeMarkdown),
    '',
    ...verdictLines(summary).map((text) => `- ${text}`),
    ...(hasMask(summary) ? [`- ${maskLine(summary)}`] : []),
    ...validationLines(summary).map((text) => `- ${text}`),
    ...referenceLines(summary).map((text) => `- ${escapeMarkdown(text)}`),
    ...leftOutLines(summary).map((text) => `- ${escapeMarkdown(text)}`),
    ...noteLines(summary).map((text) => `- ${escapeMarkdown(text)}`),
  ].join('\n');
}

/** Whether there was a teacher, whose predictions reject labels. */
export function hasMask({ mask }: Pick<Summary, 'mask'>): boolean {
  return mask.rejected !== null;
}

export function maskLine({ mask, outliers: { rule, outlierBranch, eps } }: Summary): string {
  const branch =
    outlierBranch === 'sqrt' || outlierBranch === 'smooth' ? `${outlierBranch}, eps ${eps}` : outlierBranch;
  const { precision, recall, rejected } = mask;
  // Only where nobody knows the truth has a mask that rejects something no precision.
  const unknown = rejected === 0 ? '' : '; which of them are wrong is not known';
  const found =
    precision === null && recall === null && rejected !== null
      ? `${formatPercent(rejected)} of the training labels${unknown}`
      : `precision ${formatPercent(precision)}, recall ${formatPercent(recall)}`;
  return `rejected labels (rule ${rule}, branch ${branch}): ${found}`;
}

/** How students came by their weights, if not by training to the end. */
export function validationLines({ validationShare: share }: Summary): string[] {
  if (share === undefined) return [];
  return [
    `best step: students did not learn from ${formatPercent(share)} of their rows, and have the weights that had the ` +
      'smallest error to those labels',
  ];
}

/** What methods saw go wrong: the first ones, and how many more there are. */
export function noteLines({ notes = [] }: Pick<Summary, 'notes'>): string[] {
  const most = 6;
  const more = notes.length - most;
  return [...notes.slice(0, most), ...(more > 0 ? [`and ${formatCount(more)} such notes more`] : [])];
}

/** Rows that have no part in the study, and why. */
export function leftOutLines({ leftOut }: Pick<Summary, 'leftOut'>): string[] {
  if (!leftOut) return [];
  const { rows, of, columns } = leftOut;
  const most = 5;
  const shown = columns.slice(0, most).map(({ name, rows: count }) => `'${name}' in ${formatCount(count)}`);
  const more = columns.length > most ? ` and ${columns.length - most} columns more` : '';
  return [
    `${formatCount(rows)} of ${formatCount(of)} rows left out: a missing number in ${shown.join(', ')}${more}`,
  ];
}

/** What errors on a table are measured against: there is no clean function. */
function referenceLines(summary: Summary): string[] {
  const { reference, target = [] } = summary;
  const { title, unit } = metricWords(summary);
  if (reference === 'clean function') return [];
  if (unit === '°') {
    const truth = reference === 'true gaze' ? 'the true gaze' : 'the labels, which may be noisy themselves';
    return [`${title}: mean angle to ${truth}, of persons who are not in the training set`];
  }
  const what = target.length === 1 ? `'${target[0]}'` : `${target.length} targets together`;
  return [`${title}: to the labels of ${what} in held-out rows, which may be noisy themselves`];
}
