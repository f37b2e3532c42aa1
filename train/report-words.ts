/** What a report calls its errors: RMSE in the data's own units, or angles in degrees. */

import { formatDegrees, formatError, formatSigned, formatSignedDegrees } from './format.ts';
import type { Summary } from './results.ts';

export interface ErrorWords {
  /** 'test RMSE', for use inside of a sentence. */
  name: string;
  /** At an axis: with what it is measured against, or its unit. */
  axis: string;
  /** At the axis of differences. */
  short: string;
  /** What it is, in a sentence for the table. */
  note: string;
  format: (value: number) => string;
  formatSigned: (value: number) => string;
}

export function errorWords({ rows, reference }: Summary): ErrorWords {
  if (rows[0]?.metric === 'angular error')
    return {
      name: 'test angular error',
      short: 'angular error (°)',
      axis: 'test angular error (°)',
      note: 'Test angular error: mean angle between prediction and truth, in degrees',
      format: formatDegrees,
      formatSigned: formatSignedDegrees,
    };
  return {
    name: 'test RMSE',
    short: 'RMSE',
    axis: `test RMSE to the ${reference}`,
    note: `Test RMSE against the ${reference}`,
    format: formatError,
    formatSigned,
  };
}

export function capitalised(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
