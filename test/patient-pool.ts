/**
 * Vitest gives a process that runs tests a minute to start and to stop, or ninety seconds, and has no option for that. On
 * a busy machine it takes longer, so these limits, and no others, are made as long as ours.
 */
import { PATIENCE_MS } from '../scripts/patience.mjs';

const LIMITS: readonly unknown[] = [60_000, 90_000];

export function makePoolPatient(): void {
  const original = globalThis.setTimeout;
  const patient = (callback: () => void, ms?: number, ...rest: []) =>
    original(callback, LIMITS.includes(ms) ? PATIENCE_MS : ms, ...rest);
  // What Node hangs on the function, such as its form that returns a promise, stays.
  globalThis.setTimeout = Object.defineProperties(
    patient,
    Object.getOwnPropertyDescriptors(original),
  ) as typeof original;
}
