/** Names, units and formats of metrics, the same in terminal, report and documentation; what they compute is in tasks/. */
import { formatError, formatSigned } from '../base/format.ts';
import type { SummaryRow } from '../study/results.ts';

export interface MetricWords {
  /** 'test RMSE'. */
  readonly title: string;
  /** After a number: '°', or nothing. */
  readonly unit: string;
  readonly format: (value: number) => string;
  readonly formatSigned: (value: number) => string;
}

/** A thousandth of a degree is less than any interval of such studies. */
const DECIMALS = 3;

export function metricWords({ rows }: { rows: readonly Pick<SummaryRow, 'metric'>[] }): MetricWords {
  const metric = rows[0]?.metric ?? 'rmse';
  if (metric !== 'angular error') {
    const title = `test ${metric === 'rmse' ? 'RMSE' : metric}`;
    return { title, unit: '', format: formatError, formatSigned };
  }
  return {
    title: 'test angular error',
    unit: '°',
    format: (value) => formatError(value, DECIMALS),
    formatSigned: (value) => formatSigned(value, DECIMALS),
  };
}
