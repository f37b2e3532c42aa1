/** Ctrl-C: the first asks a study to stop after the current step, the second ends the process at once. */

import { interruptedExitCode } from '../base/errors.ts';
import { formatSeconds } from '../base/format.ts';

export function catchInterrupts(say: (text: string) => void): { signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const startedAt = performance.now();
  const stop = () => {
    if (controller.signal.aborted) process.exit(interruptedExitCode);
    controller.abort();
    const elapsed = formatSeconds((performance.now() - startedAt) / 1000);
    say(`stopping after this step (${elapsed} so far); Ctrl-C again ends at once`);
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return {
    signal: controller.signal,
    release: () => void process.off('SIGINT', stop).off('SIGTERM', stop),
  };
}
