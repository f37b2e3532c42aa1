/** What the benchmark tab and its worker say to each other. Types only. */
import type { Row } from '../../bench/report/report.ts';
import type { Roofline } from '../../bench/roofline.ts';

/** Some kernels with short samples, or all as `npm run bench -- kernels` has them. */
export type Scope = 'quick' | 'full';

/** A worker measures once; to start over, the page ends it and makes another. */
export interface Order {
  readonly scope: Scope;
}

export type News =
  | { type: 'ready'; adapter: string; works: number }
  /** What is being measured. */
  | { type: 'note'; text: string }
  | { type: 'limits'; roofline: Roofline }
  /** A work is done, in one way or several. */
  | { type: 'rows'; rows: readonly Row[] }
  /** A work could not be done here. */
  | { type: 'left-out'; work: string; reason: string }
  | { type: 'finished' }
  | { type: 'no-webgpu' }
  | { type: 'failed'; message: string };
