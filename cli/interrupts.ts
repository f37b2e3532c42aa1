/** Ctrl-C and SIGTERM: the first asks a command to stop after the current step, the second ends the process at once. */

import { Interrupt } from '../base/errors.ts';
import { formatSeconds } from '../base/format.ts';

/** The signal's reason is an `Interrupt`, which knows the exit code. */
export function catchInterrupts(say: (text: string) => void): { signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const startedAt = performance.now();
  const stop = (name: NodeJS.Signals) => {
    const interrupt = new Interrupt(name === 'SIGTERM' ? 'SIGTERM' : 'SIGINT');
    if (controller.signal.aborted) process.exit(interrupt.exitCode);
    controller.abort(interrupt);
    const elapsed = formatSeconds((performance.now() - startedAt) / 1000);
    say(`${interrupt.message}: stopping after this step (${elapsed} so far); once more ends at once`);
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return {
    signal: controller.signal,
    release: () => void process.off('SIGINT', stop).off('SIGTERM', stop),
  };
}
