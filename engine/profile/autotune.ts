/** `autotune`: which kernel variants are the fastest for a step, on this adapter. */
import type { Backend } from '../backend.ts';
import { checkFunction, checkOptions } from '../borders.ts';
import { GpuBackend } from '../gpu/gpu.ts';
import { type Listener, listening } from '../listener.ts';
import { tidy } from '../tensor.ts';
import { hasTimestamps, median, runHooks, timeCommands } from './timing.ts';
import type { Tuning } from '../tuning.ts';

export interface AutotuneOptions {
  /** Steps to measure with each variant. */
  repeats?: number | undefined;
  /** Told after each round of steps: how many there are, and how many are done. */
  onRound?(done: number, rounds: number): void;
}

/** A variant must save so much of its dispatches' time to be worth another choice than the rule's. */
const LEAST_GAIN = 0.1;

/** Microseconds by key. */
type Times = Map<string, number>;

/**
 * Measures the variants of every matrix product and convolution that `step` dispatches, and from then on uses the fastest
 * on this backend. Every variant gives the same bits, so results do not change. The returned choices can be stored as JSON
 * and given to `openGpu({ tuning })` another time.
 *
 * `step` runs as in `capture`, once for each variant, and its dispatches are carried out `repeats` times: parameters move
 * on. Run it before `capture`, on a network that is thrown away, or on the first steps of a training.
 *
 * @throws on the CPU backend, and for a step that cannot be captured or has nothing to choose.
 */
export async function autotune(
  step: () => unknown,
  backend: Backend,
  options: AutotuneOptions = {},
): Promise<Tuning> {
  checkFunction('autotune', 'step', step);
  checkOptions('autotune', options, 'repeats onRound');
  const { repeats = 5, onRound } = options;
  if (!(backend instanceof GpuBackend))
    throw new Error('autotune: wants a GPU backend, as openGpu() gives one');
  if (!(Number.isInteger(repeats) && repeats >= 1))
    throw new Error(`autotune: repeats must be an integer of at least 1, got ${repeats}`);
  const before = new Map(backend.variants?.choices);
  const variants = { choices: new Map<string, string>(), met: new Map<string, readonly string[]>() };
  backend.variants = variants;
  try {
    const times = [await measure(step, backend, repeats)];
    const rounds = Math.max(0, ...[...variants.met.values()].map((names) => names.length));
    if (rounds === 0) throw new Error('autotune: the step has no matrix product and no convolution');
    onRound?.(1, rounds);
    for (let round = 1; round < rounds; round++) {
      for (const [key, names] of variants.met) variants.choices.set(key, names[round] ?? names[0]!);
      times.push(await measure(step, backend, repeats));
      onRound?.(round + 1, rounds);
    }
    const choices = { ...Object.fromEntries(before), ...fastest(variants.met, times) };
    backend.variants = { choices: new Map(Object.entries(choices)) };
    return { adapter: backend.name, choices };
  } catch (error) {
    backend.variants = { choices: before };
    throw error;
  }
}

/** Where another plan than the rule's is clearly the fastest. */
function fastest(
  met: ReadonlyMap<string, readonly string[]>,
  times: readonly Times[],
): Record<string, string> {
  const choices: Record<string, string> = {};
  for (const [key, names] of met) {
    const own = names.map((_, round) => times[round]!.get(key) ?? Infinity);
    const best = own.indexOf(Math.min(...own));
    if (own[best]! < own[0]! * (1 - LEAST_GAIN)) choices[key] = names[best]!;
  }
  return choices;
}

/** Median time of the dispatches behind each key, in one step. */
async function measure(step: () => unknown, backend: GpuBackend, repeats: number): Promise<Times> {
  const keys: (string | undefined)[] = [];
  const listener: Listener = {
    dispatched: () => void keys.push(listening.variant),
    computed() {},
    entersBackward() {},
    leavesBackward() {},
  };
  backend.step.begin();
  const outer = listening.to;
  listening.to = listener;
  let recording: ReturnType<GpuBackend['record']>;
  try {
    recording = backend.record(() => tidy(() => void step()), { where: 'autotune' });
  } finally {
    listening.to = outer;
  }
  try {
    const samples: Times[] = [];
    // The first one compiles and warms up. A clock of the host needs one more look: it times each dispatch alone.
    const rounds = hasTimestamps(backend) ? repeats : repeats + 1;
    for (let i = 0; i <= rounds; i++) {
      backend.step.begin();
      runHooks('autotune', recording);
      const intervals = await timeCommands(backend, recording.commands);
      const times: Times = new Map();
      for (const [j, { start, end }] of intervals.entries()) {
        const key = keys[j];
        if (key !== undefined) times.set(key, (times.get(key) ?? 0) + end - start);
      }
      if (i > 0) samples.push(times);
    }
    return new Map(
      [...samples[0]!.keys()].map((key) => [key, median(samples.map((times) => times.get(key)!))]),
    );
  } finally {
    backend.forget(recording);
  }
}
