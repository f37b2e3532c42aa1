/** What the page and the worker that trains say to each other. Types only. */
import type { MethodResult, SeedResult, StudyConfig } from '../../train/results.ts';
import type { DeviceInfo, PointEvent, ProgressEvent, StudyPlan } from '../../train/study-types.ts';

/** To the worker. A worker trains once; to start over, the page ends it and makes another. */
export type Order =
  | { type: 'start'; config: StudyConfig }
  /** After the present step; nothing is lost. */
  | { type: 'pause' }
  | { type: 'resume' };

/** Why training cannot go on. */
export type FailureKind = 'no-webgpu' | 'device-lost' | 'not-finite' | 'other';

/** From the worker. */
export type News =
  /** The adapter is there, and what it needed to wake up is done; before the first order. */
  | { type: 'ready'; adapter: string; isSoftware: boolean }
  | { type: 'device'; info: DeviceInfo }
  | { type: 'plan'; plan: StudyPlan }
  | { type: 'progress'; event: ProgressEvent }
  | { type: 'point'; point: PointEvent }
  | { type: 'network'; result: MethodResult; weights: Uint8Array }
  | { type: 'seed'; seed: SeedResult; dispatches: number }
  | { type: 'paused' }
  | { type: 'resumed' }
  | { type: 'finished'; dispatches: number }
  | { type: 'failed'; kind: FailureKind; message: string };
