/**
 * Waiting for a software adapter in Node without taking the processor from it. The `webgpu` package asks Dawn at every turn of
 * the event loop whether something is done, so that a wait keeps one core busy, and a software adapter wants them all. Here the
 * thread pauses for a moment at each turn. Other callbacks of the process have their turn between two pauses.
 */
import type { DeviceInfo } from './device.ts';

/** A pause is this share of what was waited so far, so that it adds as much to a wait at most. */
const SHARE = 1 / 16;
/** Or this many milliseconds, if that is less. */
const MOST_MS = 1;
/**
 * Milliseconds of a dispatch. Between shorter ones a core that nobody keeps awake falls asleep, and to wake it takes longer than
 * they do.
 */
const SLOW_MS = 0.1;

export type Patiently = <T>(promise: Promise<T>, dispatches: number) => Promise<T>;

/** What a pause waits for: nobody changes it. */
let never: Int32Array<SharedArrayBuffer> | undefined;

/** Awaits `promise`, with a pause at each turn of the event loop. */
async function paused<T>(promise: Promise<T>): Promise<T> {
  const { setImmediate } = globalThis as unknown as { setImmediate(callback: () => void): void };
  const place = (never ??= new Int32Array(new SharedArrayBuffer(4)));
  const began = performance.now();
  let isWaiting = true;
  const turn = () => {
    if (!isWaiting) return;
    Atomics.wait(place, 0, 0, Math.min((performance.now() - began) * SHARE, MOST_MS));
    setImmediate(turn);
  };
  turn();
  try {
    return await promise;
  } finally {
    isWaiting = false;
  }
}

/**
 * For one device: awaits the end of all its work. `dispatches` so far tell how long each took since the wait before, and so
 * whether the next wait is paused; what the host did meanwhile counts too, which costs a pause or two.
 */
export function patience(): Patiently {
  let [before, since, isSlow] = [0, Infinity, false];
  return async (promise, dispatches) => {
    try {
      return await (isSlow ? paused(promise) : promise);
    } finally {
      const now = performance.now();
      isSlow = now - since > (dispatches - before) * SLOW_MS;
      [before, since] = [dispatches, now];
    }
  };
}

/** How reads of a device wait: with pauses where waiting would slow it down. */
export function patienceOf(info: DeviceInfo): Patiently {
  return competes(info) ? patience() : (promise) => promise;
}

/** Awaits work that is measured: with a pause, where waiting would slow it down. */
export function withoutHaste<T>(info: DeviceInfo, promise: Promise<T>): Promise<T> {
  return competes(info) ? paused(promise) : promise;
}

/** Whether the adapter computes on the processor that waits for it. */
function competes({ host, isSoftware }: DeviceInfo): boolean {
  return host === 'node' && isSoftware;
}
