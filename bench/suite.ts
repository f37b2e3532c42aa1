/** What a suite of the benchmark is: options in, a report out. */
import type { ContestOptions } from './contest.ts';
import type { Report } from './report.ts';

export interface SuiteOptions extends Pick<ContestOptions, 'peers' | 'note'> {
  /** Small shapes and short samples: whether it runs, not how fast. */
  quick: boolean;
}

export type Suite = (options: SuiteOptions) => Promise<Report>;
