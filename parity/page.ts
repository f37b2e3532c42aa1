/** What runs in the browser: the same measurement; `launch.ts` calls it. */
import { measure } from './measure.ts';
import type { Measurement, Task } from './measurement.ts';

declare global {
  /** Put there by `launch.ts`. */
  var parityProgress: ((share: number, text: string) => Promise<void>) | undefined;
}

/** Each call goes to another process: ten a second are enough. */
const PROGRESS_EVERY_MS = 100;

export function run(task: Task): Promise<Measurement> {
  let saidAt = 0;
  return measure(task, (share, text) => {
    if (performance.now() - saidAt < PROGRESS_EVERY_MS) return;
    saidAt = performance.now();
    void globalThis.parityProgress?.(share, text);
  });
}
