/** What the numbers say, in plain words; the same words in terminal, report and documentation. */

import { formatInterval } from '../base/format.ts';
import { type MetricWords, metricWords } from './metric.ts';
import type { PairedRow, Summary } from '../study/results.ts';
import { pairedDifference } from '../base/statistics.ts';

export type Judgement = 'better' | 'worse' | 'no clear difference' | 'one seed, no interval';

/** Lower error is better; a difference is clear when its interval leaves zero out. */
export function judge({ ci95 }: Pick<PairedRow, 'ci95'>): Judgement {
  if (ci95 === null) return 'one seed, no interval';
  if (ci95[1] < 0) return 'better';
  return ci95[0] > 0 ? 'worse' : 'no clear difference';
}

/** 'tor-dual − scratch: −0.0340 [−0.0410, −0.0270]: better'. */
function differenceLine(paired: PairedRow, { unit, formatSigned }: MetricWords): string {
  const interval = paired.ci95 === null ? '' : ` ${formatInterval(paired.ci95, formatSigned)}`;
  const difference = `${formatSigned(paired.meanDifference)}${unit}`;
  return `${paired.method} − ${paired.baseline}: ${difference}${interval}: ${judge(paired)}`;
}

/** The method that the page is about: tor-dual, else tor, else the last one compared. */
export function mainComparison({ paired }: Summary): PairedRow | undefined {
  const named = (method: string) => paired.find((row) => row.method === method);
  return named('tor-dual') ?? named('tor') ?? paired.at(-1);
}

/** One sentence; undefined without a comparison to make. */
export function headline(summary: Summary): string | undefined {
  const main = mainComparison(summary);
  if (main === undefined) return undefined;
  const { title, unit, format } = metricWords(summary);
  const error = (method: string) =>
    `${format(summary.rows.find((row) => row.method === method)?.mean ?? NaN)}${unit}`;
  const { method, baseline } = main;
  const numbers = `${title} ${error(method)} against ${error(baseline)}`;
  const n = summary.rows.find((row) => row.method === method)?.n ?? 0;
  switch (judge(main)) {
    case 'better':
      return `${method} is better than ${baseline}: ${numbers}, over ${n} seeds.`;
    case 'worse':
      return `${method} is worse than ${baseline}: ${numbers}, over ${n} seeds.`;
    case 'no clear difference':
      return `No clear difference between ${method} and ${baseline}: ${numbers}, over ${n} seeds.`;
    default:
      return `${method} against ${baseline} on one seed: ${numbers}. More seeds give an interval.`;
  }
}

/** Every difference, and whether the robust loss, which needs no teacher, does better than the teacher's rejection. */
export function verdictLines(summary: Summary): string[] {
  const words = metricWords(summary);
  return [...summary.paired.map((row) => differenceLine(row, words)), ...robustRival(summary)];
}

/** Says so when `scratch-huber` has a lower mean error than `tor-dual`. */
export function robustRival({ rows }: Pick<Summary, 'rows'>): string[] {
  const rival = rows.find((row) => row.method === 'scratch-huber');
  const main = rows.find((row) => row.method === 'tor-dual');
  if (!rival || !main) return [];
  // A stopped study leaves out the last seeds, so the first ones pair up.
  const n = Math.min(rival.n, main.n);
  const { mean, ci95 } = pairedDifference(rival.perSeed.slice(0, n), main.perSeed.slice(0, n));
  if (mean >= 0) return [];
  const { unit, formatSigned } = metricWords({ rows });
  const difference = `${formatSigned(mean)}${unit}${ci95 === null ? '' : ` ${formatInterval(ci95, formatSigned)}`}`;
  const clear = judge({ ci95 }) === 'better' ? 'clearly' : 'on average, not clearly';
  return [`scratch-huber − tor-dual: ${difference}: the robust loss alone beats tor-dual ${clear}`];
}
