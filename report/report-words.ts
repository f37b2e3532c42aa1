/** What a report calls its errors: RMSE in the data's own units, angles in degrees, or shares. */

import { formatDegrees, formatError, formatSigned, formatSignedDegrees } from '../base/format.ts';
import { metricWords } from './metric.ts';
import type { Summary } from '../study/results.ts';

export interface ErrorWords {
  /** 'test RMSE', for use inside of a sentence. */
  name: string;
  /** At an axis: with what it is measured against, and its unit. */
  axis: string;
  /** At the axis of differences. */
  short: string;
  /** What it is, in a sentence for the table. */
  note: string;
  /** By which values are multiplied at axes. */
  scale: number;
  format: (value: number) => string;
  formatSigned: (value: number) => string;
}

export function errorWords(summary: Summary): ErrorWords {
  const { title: name, unit, scale, format, formatSigned: signed } = metricWords(summary);
  const to = `to the ${summary.reference}`;
  if (scale !== 1)
    return {
      ...{ name, scale },
      axis: `${name} (%)`,
      short: `${name.replace('test ', '')} (%)`,
      note: `${capitalised(name)}: share of held-out rows whose class is not the one that is predicted`,
      format: (value) => `${format(value)}${unit}`,
      formatSigned: signed,
    };
  if (unit !== '')
    return {
      ...{ name, scale },
      axis: `${name} ${to} (${unit})`,
      short: `${name.replace('test ', '')} (${unit})`,
      note: `${capitalised(name)}: mean angle ${to}, in degrees`,
      format: formatDegrees,
      formatSigned: formatSignedDegrees,
    };
  return {
    ...{ name, scale },
    axis: `${name} ${to}`,
    short: 'RMSE',
    note: `Test RMSE against the ${summary.reference}`,
    format: formatError,
    formatSigned,
  };
}

export function capitalised(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
