/** What errors are, in words: the same in terminal, report and documentation. */
import type { Summary } from './results.ts';

export interface MetricWords {
  /** 'test RMSE'. */
  readonly title: string;
  /** After a number: '°', or nothing. */
  readonly unit: string;
}

export function metricWords({ rows }: Pick<Summary, 'rows'>): MetricWords {
  return rows[0]?.metric === 'angular error'
    ? { title: 'test angular error', unit: '°' }
    : { title: 'test RMSE', unit: '' };
}
