/** What the page and the worker that trains say to each other. Types only. */
import type { Table } from '../../datasets/dataset.ts';
import type { MethodResult, SeedResult, StudyConfig } from '../../study/results.ts';
import type {
  DeviceInfo,
  FitEvent,
  LabelsEvent,
  PointEvent,
  ProgressEvent,
  StudyPlan,
} from '../../study/study-types.ts';

import type { PageWriting } from './writing.ts';

/** To the worker. It trains once; to start over, the page ends it and makes another. */
export type Order =
  /** Labels of the first seed, without training. */
  | { type: 'preview'; config: StudyConfig; table: Table | undefined }
  | { type: 'start'; config: StudyConfig; table: Table | undefined }
  /** A CSV file, or a text that somebody has pasted. */
  | { type: 'read'; name: string; source: Blob; writing: PageWriting }
  /** After the present step; nothing is lost. */
  | { type: 'pause' }
  | { type: 'resume' };

export type FailureKind = 'no-webgpu' | 'no-adapter' | 'device-lost' | 'not-finite' | 'unexpected';

/** From the worker while it trains. */
export type TrainingNews =
  | { type: 'device'; info: DeviceInfo }
  | { type: 'plan'; plan: StudyPlan }
  | { type: 'labels'; event: LabelsEvent }
  | { type: 'progress'; event: ProgressEvent }
  | { type: 'point'; point: PointEvent }
  | { type: 'fit'; event: FitEvent }
  | { type: 'network'; result: MethodResult; weights: Uint8Array }
  | { type: 'seed'; seed: SeedResult; dispatches: number }
  | { type: 'paused' }
  | { type: 'resumed' }
  | { type: 'finished'; dispatches: number }
  | { type: 'failed'; kind: FailureKind; message: string };

export type News =
  /** Before the first order: the adapter there is. */
  | { type: 'adapter'; name: string; isSoftware: boolean }
  | { type: 'adapter-missing'; kind: 'no-webgpu' | 'no-adapter' }
  | { type: 'preview'; event: LabelsEvent }
  /** The data do not do: what is wrong with them shows only when they are prepared. */
  | { type: 'preview-refused'; message: string }
  /** With what could be read in two ways, a line each, and what was found out of how it is written, by option. */
  | {
      type: 'table';
      name: string;
      table: Table;
      notes: readonly string[];
      found: Readonly<Record<string, string>>;
    }
  /** With a line for each complaint: row, column, what is wrong. */
  | { type: 'table-refused'; name: string; message: string }
  | TrainingNews;
