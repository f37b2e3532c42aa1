/** Predictions and their errors as text: CSV for programs, a table for people. */
import { csvCell } from './csv-cell.ts';
import { formatCount, formatError } from '../base/format.ts';
import type { PredictionData } from './prediction-data.ts';
import type { TargetScores } from './prediction-scores.ts';
import { textTable } from '../base/text-table.ts';

/** By target. */
export function predictionColumns(
  names: readonly string[],
  predicted: Float64Array,
): Record<string, number[]> {
  return Object.fromEntries(
    names.map((name, j) => [name, [...predicted].filter((_, i) => i % names.length === j)]),
  );
}

/** In the order of the rows; with all digits of float64, as the scores are computed of: a level may be far above its spread. */
export function predictionCsv(
  names: readonly string[],
  predicted: Float64Array,
  { rows, persons }: Pick<PredictionData, 'rows' | 'persons'>,
): string {
  const lines = [[...(persons ? ['person'] : []), ...names].map(csvCell).join(',')];
  for (let i = 0; i < rows; i++) {
    const values = Array.from(predicted.subarray(i * names.length, (i + 1) * names.length), String);
    lines.push([...(persons ? [csvCell(persons[i]!)] : []), ...values].join(','));
  }
  return `${lines.join('\n')}\n`;
}

/** A table of errors; nothing without labels. `angle` is a mean over the rows, in degrees. */
export function scoresText(scores: readonly TargetScores[], angle: number | undefined): string {
  if (scores.length === 0) return '';
  const lines = textTable(
    [
      { title: 'target', align: 'left', cell: ({ target }) => target },
      { title: 'rows', align: 'right', cell: ({ rows }) => formatCount(rows) },
      { title: 'RMSE', align: 'right', cell: ({ rmse }) => formatError(rmse) },
      { title: 'MAE', align: 'right', cell: ({ mae }) => formatError(mae) },
      { title: 'R²', align: 'right', cell: ({ r2 }) => (r2 === null ? '–' : formatError(r2)) },
    ],
    scores,
  );
  const last = angle === undefined ? [] : [`mean angle to the labels: ${formatError(angle)}°`];
  return `${[...lines, ...last].join('\n')}\n`;
}
