/** A merged plan as CSV. */
import type { Comparison, Merged } from '../../study/plan/merge.ts';
import { axesOf, linesOf } from './merged-lines.ts';

/** A line a cell and method, with every digit. */
export function mergedCsv(merged: Merged): string {
  const axes = axesOf(merged);
  const compared = (comparison: Comparison | undefined) => [
    comparison?.baseline,
    comparison?.difference.mean,
    ...(comparison?.difference.ci95 ?? [undefined, undefined]),
    comparison?.difference.n,
    comparison?.reduction.mean,
  ];
  const names = ['baseline', 'difference', 'difference_low', 'difference_high', 'pairs', 'reduction'];
  return csv([
    [
      ...axes,
      'method',
      'metric',
      'mean',
      'low',
      'high',
      'n',
      'parameters',
      ...names,
      ...names.map((name) => `own_${name}`),
    ],
    ...linesOf(merged).map(({ cell, row }) => [
      ...axes.map((name) => cell.at[name]),
      row.method,
      row.metric,
      row.error.mean,
      ...(row.error.ci95 ?? [undefined, undefined]),
      row.error.n,
      row.params,
      ...compared(row.toBaseline),
      ...compared(row.toOwn),
    ]),
  ]);
}

/** A line a network. */
export function seedsCsv(merged: Merged): string {
  const axes = axesOf(merged);
  return csv([
    [...axes, 'method', 'metric', 'seed', 'error', 'imitation_loss'],
    ...linesOf(merged).flatMap(({ cell, row }) =>
      [...row.perSeed].map(([seed, error]) => [
        ...axes.map((name) => cell.at[name]),
        row.method,
        row.metric,
        seed,
        error,
        row.imitation.get(seed),
      ]),
    ),
  ]);
}

/** RFC 4180, with line feeds. A text that a spreadsheet would take for a formula has an apostrophe before it. */
function csv(rows: readonly (readonly (string | number | null | undefined)[])[]): string {
  const field = (value: string | number | null | undefined) => {
    const given = String(value ?? '');
    const isFormula = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) && !isNumeric(value);
    const text = isFormula ? `'${given}` : given;
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return `${rows.map((row) => row.map(field).join(',')).join('\n')}\n`;
}

/** '-1' and '+0.5' are no formulas. */
function isNumeric(text: string): boolean {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text);
}
