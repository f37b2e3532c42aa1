/** Names, units and formats of metrics, the same in terminal, report and documentation; what they compute is in tasks/. */
import { formatError, formatSigned } from '../base/format.ts';
import type { SummaryRow } from '../study/results.ts';

export interface MetricWords {
  /** 'test RMSE'. */
  readonly title: string;
  /** After a number: '°', ' %', or nothing. */
  readonly unit: string;
  /** By which values are multiplied to be shown: 100 of shares. */
  readonly scale: number;
  readonly format: (value: number) => string;
  readonly formatSigned: (value: number) => string;
}

/** A thousandth of a degree is less than any interval of such studies. */
const DECIMALS = 3;

/** Metrics of classes beside the error, and how they are written; the accuracy says the same as the error. */
export const classColumns: Readonly<Record<string, { title: string; format: (value: number) => string }>> = {
  'top-5 accuracy': { title: 'top 5 (%)', format: (value) => formatError(100 * value, 2) },
  'cross-entropy': { title: 'cross-entropy', format: formatError },
  'calibration error': { title: 'calibration error (%)', format: (value) => formatError(100 * value, 2) },
};

/** Shares as percentages, differences in points. */
const shareWords: MetricWords = {
  title: 'test error',
  unit: ' %',
  scale: 100,
  format: (value) => formatError(100 * value, 2),
  formatSigned: (value) => formatSigned(100 * value, 2),
};

export function metricWords({ rows }: { rows: readonly Pick<SummaryRow, 'metric'>[] }): MetricWords {
  const metric = rows[0]?.metric ?? 'rmse';
  if (metric === 'error') return shareWords;
  if (metric !== 'angular error') {
    const title = `test ${metric === 'rmse' ? 'RMSE' : metric}`;
    return { title, unit: '', scale: 1, format: formatError, formatSigned };
  }
  return {
    title: 'test angular error',
    unit: '°',
    scale: 1,
    format: (value) => formatError(value, DECIMALS),
    formatSigned: (value) => formatSigned(value, DECIMALS),
  };
}
