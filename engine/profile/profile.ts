/** `profile`: where the GPU's time in a step goes, by kernel, layer and direction. */
import { type Direction, type Origin, originsOf } from './attribution.ts';
import type { Backend } from '../backend.ts';
import { checkFunction, checkOptions } from '../borders.ts';
import { GpuBackend } from '../gpu/gpu.ts';
import type { Recording } from '../gpu/recording.ts';
import { tidy } from '../tensor.ts';
import {
  hasTimestamps,
  type Interval,
  runHooks,
  tickOf,
  timeCommands,
  typicalDuration,
  waitMicroseconds,
} from './timing.ts';

/** What one kernel takes in one layer and direction, in one step. */
export interface ProfileRow {
  readonly kernel: string;
  /** 'trunk.0'; the op's name where no parameter and no `layer` scope names one; empty for 'other'. */
  readonly layer: string;
  /** 'other': batches, optimisers, metrics. */
  readonly direction: Direction;
  readonly dispatches: number;
  readonly microseconds: number;
  /** Of the time of all rows, 0 to 1. */
  readonly share: number;
}

/** One dispatch of one measured step. */
export interface ProfileEvent extends Origin {
  /** Microseconds after the first dispatch began. */
  readonly start: number;
  readonly microseconds: number;
}

export interface Profile {
  readonly adapter: string;
  /** Longest first. */
  readonly rows: readonly ProfileRow[];
  /** Of one step, from the first dispatch's begin to the last one's end. */
  readonly total: { readonly dispatches: number; readonly microseconds: number };
  /**
   * Whether the GPU's own clock measured. If not, each dispatch was submitted alone and its time is the host's, with
   * `waitMicroseconds` of submit and wait in it.
   */
  readonly isTimed: boolean;
  /** What an empty submit takes; 0 where `isTimed`. */
  readonly waitMicroseconds: number;
  /** Resolution of the clock, 0 if finer than the times measured. Browsers round to 100. */
  readonly tickMicroseconds: number;
  /** Steps that were measured. */
  readonly repeats: number;
  /** The dispatches of that measured step whose duration was the most typical. */
  readonly events: readonly ProfileEvent[];
}

export interface ProfileOptions {
  /** Steps to measure; more where the clock is coarse. */
  repeats?: number | undefined;
}

/**
 * GPU time of a step per kernel, layer and direction: `step` runs twice as in `capture`, then its dispatches are carried
 * out `repeats` times, each in a pass of its own between two timestamps. These are steps like any other: parameters
 * move on. Passes of one dispatch cost a little more than the step's own, which holds many.
 *
 * @throws on the CPU backend, and for a step that `capture` refuses or that dispatches nothing.
 */
export async function profile(
  step: () => unknown,
  backend: Backend,
  options: ProfileOptions = {},
): Promise<Profile> {
  checkFunction('profile', 'step', step);
  checkOptions('profile', options, 'repeats');
  const { repeats = 10 } = options;
  if (!(backend instanceof GpuBackend))
    throw new Error('profile: wants a GPU backend, as openGpu() gives one');
  if (!(Number.isInteger(repeats) && repeats >= 1))
    throw new Error(`profile: repeats must be an integer of at least 1, got ${repeats}`);
  const { recording, origins } = recorded(step, backend);
  try {
    const samples: Interval[][] = [];
    // The first one warms up.
    for (let i = 0; i <= repeats; i++) {
      backend.step.begin();
      runHooks('profile', recording);
      samples.push(await timeCommands(backend, recording.commands));
    }
    const isTimed = hasTimestamps(backend);
    return {
      ...summaryOf(origins, samples.slice(1)),
      adapter: backend.name,
      isTimed,
      waitMicroseconds: isTimed ? 0 : await waitMicroseconds(backend),
      repeats,
    };
  } finally {
    backend.forget(recording);
  }
}

function recorded(step: () => unknown, backend: GpuBackend): { recording: Recording; origins: Origin[] } {
  const run = () => tidy(() => void step());
  const options = { where: 'profile' };
  backend.step.begin();
  const first = backend.record(run, options);
  backend.forget(first);
  backend.step.begin();
  let origins: Origin[] = [];
  const recording = backend.record(() => (origins = originsOf(run)), { ...options, like: first });
  if (origins.length > 0) return { recording, origins };
  backend.forget(recording);
  throw new Error('profile: the step dispatched nothing; give it the step itself, not a captured one');
}

function summaryOf(
  origins: readonly Origin[],
  samples: readonly (readonly Interval[])[],
): Pick<Profile, 'rows' | 'total' | 'events' | 'tickMicroseconds'> {
  const tick = tickOf(samples);
  const rows = new Map<string, { dispatches: number; microseconds: number } & Origin>();
  for (const [i, origin] of origins.entries()) {
    const key = `${origin.kernel}|${origin.layer}|${origin.direction}`;
    const row = rows.get(key) ?? { ...origin, dispatches: 0, microseconds: 0 };
    row.dispatches++;
    row.microseconds += typicalDuration(
      samples.map((sample) => sample[i]!.end - sample[i]!.start),
      tick,
    );
    rows.set(key, row);
  }
  const sum = [...rows.values()].reduce((total, { microseconds }) => total + microseconds, 0);
  const spans = samples.map((sample) => sample.at(-1)!.end - sample[0]!.start);
  const total = typicalDuration(spans, tick);
  const distances = spans.map((span) => Math.abs(span - total));
  const typical = samples[distances.indexOf(Math.min(...distances))]!;
  return {
    rows: [...rows.values()]
      .map((row) => ({ ...row, share: row.microseconds / sum }))
      .sort((a, b) => b.microseconds - a.microseconds),
    total: { dispatches: origins.length, microseconds: total },
    tickMicroseconds: tick,
    events: origins.map((origin, i) => {
      const { start, end } = typical[i]!;
      return { ...origin, start: start - typical[0]!.start, microseconds: Math.max(0, end - start) };
    }),
  };
}
